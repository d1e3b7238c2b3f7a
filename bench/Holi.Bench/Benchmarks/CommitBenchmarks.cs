using BenchmarkDotNet.Attributes;
using Holi.Bench.Bed;

namespace Holi.Bench;

/// <summary>
/// One message's way through the gateway without its sockets: read, checked, planned, written to SQLite in a batch, published, and its Commit taken;
/// for each message. A log without a disk below it: what an fsync takes is divided by the batch, and measured by Holi.Load.
/// </summary>
[MemoryDiagnoser]
public class CommitBenchmarks
{
    private const int Batch = 100;

    private GatewayBed _bed = null!;

    /// <summary>Somebody alone in a room.</summary>
    [GlobalSetup]
    public async Task OpenAsync() => _bed = await GatewayBed.OpenAsync(1);

    /// <summary>Gone again.</summary>
    [GlobalCleanup]
    public async Task CloseAsync() => await _bed.DisposeAsync();

    /// <summary>One message is a batch.</summary>
    [Benchmark]
    public int One()
    {
        _bed.Say();
        _bed.Commit();
        return _bed.Take();
    }

    /// <summary>A hundred messages are a batch.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public int Hundred()
    {
        for (var i = 0; i < Batch; i++)
            _bed.Say();
        _bed.Commit();
        return _bed.Take();
    }
}
