using Holi.Gateway.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Connections;

/// <summary>
/// Is a command that is already committed really the same one? Those that come behind Hello are compared by rolling the device's digest over
/// them (§6.4: 4300); others one by one with what the log keeps of them (§7.4: 4414). Either way nothing is applied.
/// </summary>
internal sealed class ReplayChecks(ConnectionCore core)
{
    private readonly Queue<(ulong Seq, long Check)> _waiting = new();
    private (ulong Seq, long Check)? _asked;
    private CommandDigest _digest;
    private ulong _rolledTo;
    private bool _isRolling;

    /// <summary>Begins at what Hello said: the device's digest at its known seq.</summary>
    public void Begin(ulong known, CommandDigest digest)
    {
        _rolledTo = known;
        _digest = digest;
        _isRolling = known < core.Device.Committed;
    }

    public void Compare(ulong seq, in CommandCheck check)
    {
        if (_isRolling && seq == _rolledTo + 1)
        {
            Roll(check);
            return;
        }
        _isRolling = false;
        if (_waiting.Count >= core.Limits.ReplayChecksWaiting)
            return;
        _waiting.Enqueue((seq, check.First8));
        AskNext();
    }

    /// <summary>The log's check of the command asked for; null where its effect left no row.</summary>
    public void OnCheck(long? stored)
    {
        var asked = _asked!.Value;
        _asked = null;
        if (stored is not null && stored != asked.Check)
            Differs();
        else
            AskNext();
    }

    /// <summary>A seq was used again for something else.</summary>
    public void Differs()
    {
        core.Audit(AuditActions.SeqReused, HoliCode.SeqReused);
        core.Fail(HoliCode.SeqReused);
    }

    private void Roll(in CommandCheck check)
    {
        _digest = _digest.Roll(check);
        if (++_rolledTo < core.Device.Committed)
            return;
        _isRolling = false;
        if (!_digest.FixedTimeEquals(core.Device.Digest))
            core.Fail(HoliCode.GenerationForked);
    }

    private void AskNext()
    {
        if (_asked is not null || !core.IsOpen || !_waiting.TryDequeue(out var next))
            return;
        _asked = next;
        core.Host.FindCheck(core.Device.DeviceId, core.Device.Generation, next.Seq);
    }
}
