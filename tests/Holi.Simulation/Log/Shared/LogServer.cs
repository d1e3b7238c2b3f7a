using Holi.Gateway.Storage;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Log.Shared;

/// <summary>
/// The server that holds a log which several gateways write, as Storage/Postgres uses one: transactions that lock rows in one order and see, after
/// each lock, what the one who held it before has committed. It goes on whatever becomes of the gateway that asked.
/// </summary>
internal sealed class LogServer(Run run, LogDisk disk)
{
    private readonly List<LogTransaction> _open = [];
    private readonly List<SharedLogStore> _stores = [];
    private int _writers;

    public Run Run => run;
    public LogDisk Disk => disk;
    public RowLocks Locks { get; } = new();
    public SimRandom Random { get; } = run.Random.Split("server");

    /// <summary>One way between a gateway and the server.</summary>
    public TimeSpan Leg() => run.Time.Now < disk.SlowUntil ? Random.Duration(20, 3_000) : Random.Duration(0.02, Math.Max(3, run.Scenario.Sizes.LogDelayMs));

    /// <summary>A life of a gateway begins to write.</summary>
    public int Meet(SharedLogStore store)
    {
        _stores.Add(store);
        return ++_writers;
    }

    public LogTransaction Begin(int writer, BatchKeys keys, Action<BatchState> loaded, Action<string> failed)
    {
        var transaction = new LogTransaction(this, writer, keys, loaded, failed);
        _open.Add(transaction);
        run.Time.After(Leg(), transaction.Begin);
        return transaction;
    }

    public void Ended(LogTransaction transaction)
    {
        _open.Remove(transaction);
        Locks.Release(transaction);
    }

    /// <summary>A gateway's process is gone: its connection ends, soon if the machine can say so. What it asked to be committed may have come just in time.</summary>
    public void Lost(int writer, bool silently)
    {
        foreach (var transaction in _open.Where(t => t.Writer == writer).ToArray())
        {
            if (transaction.IsCommitting)
            {
                if (Random.Chance(0.5))
                    transaction.End("its gateway is gone");
                else
                    run.Saw(Sight.CommitOutlivedItsGateway);
            }
            else if (!silently)
            {
                run.Time.After(Random.Duration(1, 100), () => transaction.End("its gateway is gone"));
            }
        }
    }

    /// <summary>Another history took the log's place: nothing goes on as it was.</summary>
    public void Replaced()
    {
        foreach (var transaction in _open.ToArray())
            transaction.End("the server was replaced");
        foreach (var store in _stores)
            store.IsOver = true;
    }
}
