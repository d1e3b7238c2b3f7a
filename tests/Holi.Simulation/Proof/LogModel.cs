using System.Buffers;
using Holi.Client;
using Holi.Gateway.Storage;
using Holi.Simulation.Log;
using Holi.Simulation.Scenarios;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Proof;

/// <summary>One event as the log had it when it was committed; erasing marks it.</summary>
internal sealed class ModelEvent(ulong offset, long timeMs, uint member, ushort type, byte[] payload)
{
    public ulong Offset => offset;
    public long TimeMs => timeMs;
    public uint Member => member;
    public ushort Type => type;
    public byte[] Payload => payload;
    public bool IsErased { get; set; } = type == MessageTypes.MessageErased;

    public bool Is(ReplicaEvent seen) =>
        seen.TimeMs == TimeMs && seen.Member == Member
        && ((seen.Type == Type && seen.Payload.AsSpan().SequenceEqual(Payload)) || (IsErased && seen.Type == MessageTypes.MessageErased));

    /// <summary>The number that our texts carry; 0 where there is none.</summary>
    public int Number => Deeds.NumberIn(Text());

    private string? Text()
    {
        var bytes = new ReadOnlySequence<byte>(payload);
        return type switch
        {
            MessageTypes.MessagePost when MessagePost.TryRead(bytes, out var post) => post.Text,
            MessageTypes.MessageEdit when MessageEdit.TryRead(bytes, out var edit) => edit.Text,
            MessageTypes.MessageReact when MessageReact.TryRead(bytes, out var react) => react.Emoji,
            MessageTypes.ConversationRename when ConversationRename.TryRead(bytes, out var rename) => rename.Title,
            MessageTypes.ConversationCreate when ConversationCreated.TryRead(bytes, out var created) => created.Title,
            _ => null,
        };
    }
}

/// <summary>A topic's history in one epoch, and who may see what of it, told by its own events.</summary>
internal sealed class ModelTopic(string name)
{
    private readonly Dictionary<string, List<(ulong From, ulong To)>> _seen = [];
    private readonly List<(ulong Offset, string[] Users)> _rosters = [];

    public List<ModelEvent> Events { get; } = [];

    public ulong Head => (ulong)Events.Count;

    public ModelEvent? At(ulong offset) => offset >= 1 && offset <= Head ? Events[(int)offset - 1] : null;

    /// <summary>True where somebody who had left came back.</summary>
    public bool Append(ModelEvent added, bool isCommands)
    {
        Events.Add(added);
        var payload = new ReadOnlySequence<byte>(added.Payload);
        switch (added.Type)
        {
            case MessageTypes.ConversationCreate when ConversationCreated.TryRead(payload, out var created):
                return Join(created.Creator, 1, added.Offset);
            case MessageTypes.MemberAdd when MemberAdded.TryRead(payload, out var joined):
                // Those named with a new conversation see it from its beginning.
                return Join(joined.User, isCommands ? added.Offset : 1, added.Offset);
            case MessageTypes.MemberRemove when MemberRemoved.TryRead(payload, out var removed):
                var spans = _seen[removed.User];
                spans[^1] = spans[^1] with { To = added.Offset };
                _rosters.Add((added.Offset, [.. _rosters[^1].Users.Where(user => user != removed.User)]));
                return false;
            default:
                return false;
        }
    }

    /// <summary>May this user ever have seen it?</summary>
    public bool MaySee(string user, ulong offset) =>
        TopicName.TryParse(name, out var kind, out _) && kind == TopicKind.User
            ? name == TopicName.User(user)
            : _seen.TryGetValue(user, out var spans) && spans.Exists(s => offset >= s.From && offset < s.To);

    /// <summary>Must a device of this user have it, once it is that far?</summary>
    public bool MustSee(string user, ulong offset) =>
        name.StartsWith("user/", StringComparison.Ordinal) || (_seen.TryGetValue(user, out var spans) && offset >= spans[^1].From && offset < spans[^1].To);

    /// <summary>Who left and came back has no cursor that counts, and gets a backlog like anybody new.</summary>
    public bool WasBack(string user) => _seen.TryGetValue(user, out var spans) && spans.Count > 1;

    /// <summary>May this user know that the topic has come so far? Nobody whose membership ended does, of anything from its end on.</summary>
    public bool MayKnowOf(string user, ulong offset) =>
        name.StartsWith("user/", StringComparison.Ordinal) || (_seen.TryGetValue(user, out var spans) && offset < spans[^1].To);

    /// <summary>Were these the members at a time that this user may see?</summary>
    public bool WasRoster(string user, IReadOnlyList<string> users)
    {
        if (name.StartsWith("user/", StringComparison.Ordinal))
            return name == TopicName.User(user);
        if (!_seen.TryGetValue(user, out var spans))
            return false;
        for (var i = 0; i < _rosters.Count; i++)
        {
            var end = i + 1 < _rosters.Count ? _rosters[i + 1].Offset : ulong.MaxValue;
            if (spans.Exists(s => s.From < end && s.To > _rosters[i].Offset) && _rosters[i].Users.SequenceEqual(users))
                return true;
        }
        return false;
    }

    private bool Join(string user, ulong from, ulong at)
    {
        string[] before = _rosters.Count > 0 ? _rosters[^1].Users : [];
        _rosters.Add((at, [.. before.Append(user).Order(StringComparer.Ordinal)]));
        var isBack = _seen.TryGetValue(user, out var spans);
        if (!isBack)
            _seen.Add(user, spans = []);
        spans!.Add((from, ulong.MaxValue));
        return isBack;
    }

    public static ModelTopic Of(LogTopic topic)
    {
        var model = new ModelTopic(topic.Key.Name);
        foreach (var e in topic.Events)
            model.Append(new ModelEvent(e.Stored.Offset, e.Stored.TimeMs, e.Stored.Member, e.Stored.Type, e.Stored.Payload), e.First is not null);
        return model;
    }
}
