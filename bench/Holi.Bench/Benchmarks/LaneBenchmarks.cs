using System.Buffers;
using BenchmarkDotNet.Attributes;
using Holi.Wire;
using Holi.Wire.Lanes;

namespace Holi.Bench;

/// <summary>The lanes of one connection: must allocate nothing once they have been used.</summary>
[MemoryDiagnoser]
public class LaneBenchmarks
{
    private const int Frames = 100;

    private readonly LaneScheduler _lanes = new(512 * 1_024);
    private readonly ArrayBufferWriter<byte> _message = new(WireLimits.MessageBytesMax);
    private readonly byte[] _frame = [(byte)FrameKind.Event, 126, .. new byte[126]];
    private readonly byte[] _large = [(byte)FrameKind.HistoryPage, 0x80, 0x80, 0x06, .. new byte[98_304]];

    /// <summary>A hundred small frames by reference, taken out in one message; for each.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int Share()
    {
        for (var i = 0; i < Frames; i++)
            _lanes.TryEnqueue(Lane.Interactive, _frame);
        return Drain();
    }

    /// <summary>A hundred small frames by copy.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int Copy()
    {
        for (var i = 0; i < Frames; i++)
            _lanes.TryEnqueueCopy(Lane.Interactive, _frame);
        return Drain();
    }

    /// <summary>Small ones in three lanes while a page of 96 KB goes out in parts under credit; for each of the hundred.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int Mix()
    {
        _lanes.TryEnqueue(Lane.Bulk, _large);
        _lanes.AddCredit(Lane.Bulk, 98_400);
        for (var i = 0; i < Frames; i++)
            _lanes.TryEnqueue((Lane)(i % 3), _frame);
        return Drain();
    }

    private int Drain()
    {
        var bytes = 0;
        for (; _lanes.TryFill(_message, WireLimits.MessageBytesMax); _message.ResetWrittenCount())
            bytes += _message.WrittenCount;
        return bytes;
    }
}
