using System.Buffers;
using System.Text;
using Holi.Gateway.Commit;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Connections;

/// <summary>
/// Commands on their way to the committer, and Commits on their way back (§7). Which seq is taken is <see cref="GatewayCommands"/>' to
/// decide; here is what a command says. Invariant: what is in flight here is exactly what the committer was given and has not answered.
/// </summary>
internal sealed class CommandIntake(ConnectionCore core, ReadyConnection parts)
{
    private InFlightRing _inFlight;
    private List<Refusal>? _refusals;
    private ulong _committed;
    private bool _commitDue;
    private (byte[] Utf8, string Text) _lastName = ([], "");

    /// <summary>What Welcome's Commit says: refused before this connection.</summary>
    public void Begin(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        _committed = committed;
        if (refusals.Count > 0)
            (_refusals ??= []).AddRange(refusals);
        _commitDue = true;
    }

    /// <summary>A command came; <paramref name="wasBlind"/> if its device may not have known the window yet.</summary>
    public void Take(in CommandFrame command, int bodyBytes, bool wasBlind)
    {
        if (core.IsGoingAway || !TryName(command, out var name))
            return;
        var commands = core.Protocol.Commands!;
        // One command of each device may always wait: people who all say a word in the same moment are a burst, not a load. Who goes on is told to come back.
        if (command.Seq == commands.Next && commands.InFlight > 0 && !core.Host.HasRoom)
        {
            core.GoAway(HoliCode.Overloaded, core.Limits.OverloadRetryAfter, core.Limits.OverloadSpread);
            return;
        }
        switch (commands.OnCommand(command.Seq, bodyBytes, out var violation, wasBlind))
        {
            case SeqVerdict.Take:
                Submit(command, name);
                break;
            case SeqVerdict.Again:
                // In flight from committed + 1 on, in order; a Commit may have been told to us and not yet to the device.
                if (command.Seq > _committed && _inFlight[(int)(command.Seq - _committed) - 1].Check != Check(command, name).First8)
                    parts.Replays.Differs();
                break;
            case SeqVerdict.Replay:
                parts.Replays.Compare(command.Seq, Check(command, name));
                _commitDue = true;
                break;
            case SeqVerdict.Gap:
                core.Error(HoliCode.SeqGap, seq: command.Seq);
                _commitDue = true;
                break;
            case SeqVerdict.Refuse:
                core.Fail(violation.Code);
                break;
        }
    }

    /// <summary>The committer has everything through <paramref name="committed"/> on disk.</summary>
    public void OnCommitted(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        var before = _committed;
        _committed = Math.Max(_committed, committed);
        if (refusals.Count > 0)
            (_refusals ??= []).AddRange(refusals);
        _commitDue = true;
        var next = 0;
        for (var seq = before + 1; seq <= _committed && _inFlight.TryTake(out var done); seq++)
        {
            if (next == refusals.Count || refusals[next].Seq != seq)
                continue;
            if (refusals[next++].Code == HoliCode.NotFound)
                parts.Attempts.OnCommandRefused(done.TopicName);
        }
    }

    /// <summary>Puts the Commit into its lane, if there is something to say.</summary>
    public void WriteCommit()
    {
        if (!_commitDue)
            return;
        CommitFrame.Write(Outgoing.Begin(), _committed, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_refusals));
        core.Out.Send(Lane.Interactive);
        core.Protocol.Commands!.OnCommitted(_committed);
        _refusals = null;
        _commitDue = false;
    }

    /// <summary>The connection is over.</summary>
    public void Clear() => _inFlight.Clear();

    private void Submit(in CommandFrame command, string name)
    {
        var check = Check(command, name);
        var input = new SubmitCommand(
            core.Host, core.Key, core.Device.Generation, core.Device.Fence, command.Seq, command.FirstGeneration, command.FirstSeq,
            check, name, command.Type, command.Payload.ToArray());
        _inFlight.Add(new InFlight(check.First8, name));
        if (!core.Host.Submit(input))
            core.Fail(HoliCode.Overloaded);
    }

    private bool TryName(in CommandFrame command, out string name)
    {
        name = "";
        if (command.Topic != 0)
        {
            if (!parts.Table.TryGet(command.Topic, out var follow))
                return false;
            name = follow.Topic.Key.Name;
            return true;
        }
        // An offline queue names the same conversation again and again.
        if (!Matches(command.TopicName, _lastName.Utf8))
            _lastName = (command.TopicName.ToArray(), command.TopicNameText);
        name = _lastName.Text;
        return true;
    }

    private static bool Matches(in ReadOnlySequence<byte> name, byte[] utf8) =>
        name.Length == utf8.Length && utf8.Length > 0 && new SequenceReader<byte>(name).IsNext(utf8);

    private static CommandCheck Check(in CommandFrame command, string name)
    {
        Span<byte> utf8 = stackalloc byte[WireLimits.TopicNameBytesMax];
        var length = Encoding.UTF8.GetBytes(name, utf8);
        return CommandCheck.Compute(
            command.Seq, command.FirstGeneration, command.FirstSeq, command.Type, utf8[..length], command.Payload);
    }
}
