using Holi.Gateway.Cluster;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Line;

/// <summary>One gateway's end of the line.</summary>
internal sealed class SimLine(SimExchange exchange, SimProcess process) : ILine
{
    // What a server keeps for a reader that does not read, before it cuts it off.
    private const int UnreadMax = 64;

    private readonly HashSet<LineName> _wanted = [];
    private readonly HashSet<LineName> _subscribed = [];
    private Action<ReadOnlyMemory<byte>> _heard = _ => { };
    private Action<LineName> _missed = _ => { };
    private Action _lost = () => { };
    private int _unread;

    public bool Exists => true;

    public string? Trouble => null;

    /// <summary>Its subscriptions are gone, and nobody noticed.</summary>
    public TimeSpan DeafUntil { get; set; }

    /// <summary>Takes a message in the place of the node, where a bug is planted there.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? Planted { get; set; }

    public void Start(Action<ReadOnlyMemory<byte>> heard, Action<LineName> missed, Action lost)
    {
        (_heard, _missed, _lost) = (heard, missed, lost);
        exchange.Add(this);
    }

    public bool Wants(LineName name) => process.IsAlive && _subscribed.Contains(name);

    public void Subscribe(LineName name)
    {
        _wanted.Add(name);
        exchange.Run.Time.After(exchange.Random.Duration(0.1, 20), () => Subscribed(name));
    }

    public void Unsubscribe(LineName name)
    {
        _wanted.Remove(name);
        _subscribed.Remove(name);
    }

    public ValueTask<bool> PublishAsync(LineName name, ReadOnlyMemory<byte> message)
    {
        var sent = message.ToArray();
        if (!exchange.IsDead)
        {
            exchange.Publish(name, sent);
            return ValueTask.FromResult(true);
        }
        // Seen to be dead, or a server that hangs: then there is no room soon.
        if (exchange.Random.Chance(0.5))
            return ValueTask.FromResult(false);
        var given = new TaskCompletionSource<bool>();
        process.After(exchange.Random.Duration(1, 1_000), () => given.TrySetResult(exchange.Random.Chance(0.5)));
        return new ValueTask<bool>(given.Task);
    }

    public void Deliver(LineName name, byte[] message)
    {
        var isDeaf = exchange.Run.Time.Now < DeafUntil || (process.IsStopped && _unread >= UnreadMax);
        if (isDeaf || !Wants(name))
            return;
        _unread++;
        process.Run(() =>
        {
            _unread--;
            exchange.Run.Saw(Sight.WakeupHeard);
            exchange.Run.Guard("what is heard", () =>
            {
                if (Planted?.Invoke(message) != true)
                    _heard(message);
            });
        });
    }

    /// <summary>The line was seen to break.</summary>
    public void Broken() => process.Run(() => exchange.Run.Guard("what was lost", _lost));

    /// <summary>The line works again.</summary>
    public void Restored()
    {
        foreach (var name in _wanted)
            exchange.Run.Time.After(exchange.Random.Duration(1, 1_500), () => Subscribed(name));
    }

    public void Gone() => exchange.Remove(this);

    public ValueTask DisposeAsync()
    {
        Gone();
        return ValueTask.CompletedTask;
    }

    private void Subscribed(LineName name)
    {
        if (exchange.IsDead || !_wanted.Contains(name))
            return;
        _subscribed.Add(name);
        process.Run(() => exchange.Run.Guard("what was missed", () => _missed(name)));
    }
}
