using BenchmarkDotNet.Attributes;
using Holi.Bench.Bed;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Bench;

/// <summary>From the committer's news to the bytes of each member's next message: hub, tail, marks, delivery, lanes; for each delivery.</summary>
[MemoryDiagnoser]
public class FanoutBenchmarks
{
    private const int Batch = 100;

    private readonly byte[] _post = new MessagePost(new string('x', 128)).ToBytes();
    private GatewayBed _bed = null!;
    private TopicKey _room;
    private ulong _head;

    /// <summary>A room of ten.</summary>
    [GlobalSetup]
    public async Task OpenAsync()
    {
        _bed = await GatewayBed.OpenAsync(10);
        _room = new TopicKey("bench", _bed.Room.Name);
        _head = _bed.Room.Head;
    }

    /// <summary>Gone again.</summary>
    [GlobalCleanup]
    public async Task CloseAsync() => await _bed.DisposeAsync();

    /// <summary>One event to ten.</summary>
    [Benchmark(OperationsPerInvoke = 10)]
    public int One() => Deliver(1);

    /// <summary>A hundred events to ten, in one message to each.</summary>
    [Benchmark(OperationsPerInvoke = 10 * Batch)]
    public int Hundred() => Deliver(Batch);

    // The hub is told of events that no log has: it asks none while they continue its head.
    private int Deliver(int count)
    {
        var events = new StoredEvent[count];
        for (var i = 0; i < count; i++)
            events[i] = new StoredEvent(_bed.Room.TopicId, ++_head, _bed.Now.UnixMs, 1, MessageTypes.MessagePost, _post, default, 0);
        var outcome = new BatchOutcome();
        outcome.Appended.Add(new AppendedEvents(_bed.Room.TopicId, _room, events));
        _bed.Hub.Committed(outcome);
        return _bed.Take();
    }
}
