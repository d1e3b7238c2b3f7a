using System.Buffers;
using Holi.Client;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Proof;

/// <summary>What a command left in the log.</summary>
internal sealed record Effect(string Topic, ushort Type, byte[] Payload)
{
    /// <summary>Is it the effect, or the refusal, of this command?</summary>
    public bool IsOf(OutboxCommand command)
    {
        if (Type == MessageTypes.CommandRejected)
            return CommandRejected.TryRead(new ReadOnlySequence<byte>(Payload), out var rejected) && rejected.TopicName == command.Topic && rejected.Type == command.Type;
        if (Topic != command.Topic)
            return false;
        return command.Type switch
        {
            MessageTypes.MessagePost => Type == MessageTypes.MessageErased || IsSame(command),
            MessageTypes.MessageEdit => Type == MessageTypes.MessageErased || IsSame(command),
            MessageTypes.MessageReact or MessageTypes.MessageDelete or MessageTypes.ConversationRename => IsSame(command),
            MessageTypes.ConversationLeave => Type == MessageTypes.MemberRemove,
            _ => Type == command.Type,
        };
    }

    private bool IsSame(OutboxCommand command) => Type == command.Type && Payload.AsSpan().SequenceEqual(command.Payload);
}

/// <summary>Every command's effect by its identity, and by the one it first travelled under.</summary>
internal sealed class Effects
{
    private readonly Dictionary<FirstIdentity, Effect> _byOwn = [];
    private readonly Dictionary<FirstIdentity, List<Effect>> _byFirst = [];

    public IEnumerable<FirstIdentity> Identities => _byOwn.Keys;

    /// <summary>False where there is one already.</summary>
    public bool TryAdd(FirstIdentity own, FirstIdentity first, Effect effect)
    {
        if (!_byFirst.TryGetValue(first, out var earlier))
            _byFirst.Add(first, earlier = []);
        // Two copies of a device may have used one identity for different commands; the same command twice is twice.
        var isTwice = earlier.Exists(e => e.Topic == effect.Topic && e.Type == effect.Type && e.Payload.AsSpan().SequenceEqual(effect.Payload));
        earlier.Add(effect);
        return _byOwn.TryAdd(own, effect) && !isTwice;
    }

    public bool Has(FirstIdentity identity) => _byOwn.ContainsKey(identity) || _byFirst.ContainsKey(identity);

    /// <summary>The command's own effect is there, under any of its identities.</summary>
    public bool HasEffectOf(OutboxCommand command, FirstIdentity own, FirstIdentity first) =>
        (_byOwn.TryGetValue(own, out var effect) && effect.IsOf(command))
        || (_byOwn.TryGetValue(first, out effect) && effect.IsOf(command))
        || (_byFirst.TryGetValue(first, out var effects) && effects.Exists(e => e.IsOf(command)));
}
