using Holi.Gateway.Storage;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Log;

/// <summary>
/// The gateway's disk over all its lives. It separates what was written from what is synced: a crash between the two keeps the written batch
/// whole or loses it whole. It can be slow, be away, fail a COMMIT, lose its answer, and be replaced by an older copy of itself.
/// </summary>
public sealed class LogDisk(Run run)
{
    private readonly SimRandom _random = run.Random.Split("disk");
    private readonly List<LogData> _backups = [];
    private (BatchState State, BatchWrites Writes)? _written;
    private Action? _lose;
    private bool _wasAway;

    /// <summary>What readers and batches see. Synced, but for the bug that acknowledges what is not.</summary>
    public LogData Data { get; private set; } = new() { Epoch = (ulong)VirtualTime.Beginning.ToUnixTimeSeconds() };

    public TimeSpan AwayUntil { get; set; }
    public TimeSpan SlowUntil { get; set; }
    public int FailCommits { get; set; }
    public int LoseAnswers { get; set; }

    public bool IsAway => run.Time.Now < AwayUntil;

    public bool IsClean => FailCommits == 0 && LoseAnswers == 0 && !IsAway && run.Time.Now >= SlowUntil;

    public TimeSpan Delay() => run.Time.Now < SlowUntil ? _random.Duration(50, 4_000) : _random.Duration(0.02, 3);

    /// <summary>A transaction's bytes have left the process; nobody is told yet.</summary>
    public void Write(BatchState state, BatchWrites writes) => _written = (state, writes);

    /// <summary>They are on disk.</summary>
    public void Sync()
    {
        var (state, writes) = _written!.Value;
        _written = null;
        Data.Apply(state, writes);
        run.History.Add(new BatchCommitted(writes.Events, writes.Erasures, state));
    }

    /// <summary>A server's transaction is on disk, whole.</summary>
    public void Commit(BatchState state, BatchWrites writes, int writer)
    {
        Data.Apply(state, writes);
        Data.Writers[writer] = Data.Writers.GetValueOrDefault(writer) + 1;
        run.History.Add(new BatchCommitted(writes.Events, writes.Erasures, state));
    }

    /// <summary>They never get there.</summary>
    public void Forget() => _written = null;

    /// <summary>The process that wrote is gone; with <paramref name="power"/>, so is what the kernel had not written out.</summary>
    public void Crash(bool power)
    {
        if (_lose is { } lose)
        {
            _lose = null;
            lose();
        }
        if (_written is null)
            return;
        if (!power && _random.Chance(0.5))
        {
            run.Saw(Sight.WrittenSurvivedCrash);
            Sync();
            return;
        }
        run.Saw(Sight.WrittenLostInCrash);
        _written = null;
    }

    /// <summary>Only for the bug that answers before it has synced: from here until <paramref name="until"/> a crash loses the batch.</summary>
    public void SyncLate(TimeSpan until, SimProcess process)
    {
        var before = Data.Clone();
        Sync();
        _lose = () =>
        {
            Data = before;
            run.History.Add(new BatchesLost(Data.Clone()));
        };
        var mine = _lose;
        process.After(until, () => _lose = ReferenceEquals(_lose, mine) ? null : _lose);
    }

    public void BackUp() => _backups.Add(Data.Clone());

    /// <summary>An older copy takes the place of what was there; the next opening notices and announces a new epoch (as SqliteLogStore does).</summary>
    public bool Restore()
    {
        if (_backups.Count == 0)
            return false;
        var backup = _backups[_random.Below(_backups.Count)];
        if (backup.Batches == Data.Batches)
            return false;
        var epoch = Math.Max(Math.Max(Data.Epoch, backup.Epoch) + 1, (ulong)(run.Time.UnixMs / 1000));
        Data = backup.Clone();
        Data.Epoch = epoch;
        foreach (var topic in Data.All)
            topic.Epoch = epoch;
        run.History.Add(new LogRestored(Data.Clone()));
        return true;
    }

    public void Failed()
    {
        _wasAway = true;
        run.Saw(Sight.StoreFailed);
    }

    public void Worked()
    {
        if (_wasAway)
            run.Saw(Sight.StoreRecovered);
        _wasAway = false;
    }
}
