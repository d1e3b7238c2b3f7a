using System.Buffers;
using BenchmarkDotNet.Attributes;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Bench;

/// <summary>The frames of a message's path, one at a time: must allocate nothing.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private const long TimeBaseMs = 1_790_000_000_000;

    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private ReadOnlySequence<byte> _post;
    private ReadOnlySequence<byte> _command;
    private ReadOnlySequence<byte> _event;
    private ReadOnlySequence<byte> _commit;
    private ReadOnlySequence<byte> _ack;

    /// <summary>Encodes one of each.</summary>
    [GlobalSetup]
    public void Encode()
    {
        _post = new(new MessagePost(new string('x', 128)).ToBytes());
        _command = Written(output => new CommandFrame(70_000, 90, MessageTypes.MessagePost, _post).Write(output));
        _event = Written(output => new EventFrame(90, 9_000, TimeBaseMs + 60_000, 3, MessageTypes.MessagePost, _post).Write(output, TimeBaseMs));
        _commit = Written(output => CommitFrame.Write(output, 70_000, []));
        _ack = Written(output => AckFrame.Write(output, [new AckEntry(90, 9_000)]));
    }

    /// <summary>A command of 128 bytes of text, decoded and its payload checked, as the gateway does.</summary>
    [Benchmark]
    public bool DecodeCommand() => CommandFrame.TryRead(Body(_command), out var frame, out _) && MessagePost.Check(frame.Payload);

    /// <summary>An event of 128 bytes of text, decoded, as a device does.</summary>
    [Benchmark]
    public ulong DecodeEvent()
    {
        EventFrame.TryRead(Body(_event), TimeBaseMs, out var frame, out _);
        return frame.Offset;
    }

    /// <summary>A commit.</summary>
    [Benchmark]
    public ulong DecodeCommit()
    {
        CommitFrame.TryRead(Body(_commit), out var frame, out _);
        return frame.Committed;
    }

    /// <summary>An acknowledgement of one topic.</summary>
    [Benchmark]
    public ulong DecodeAck()
    {
        AckFrame.TryRead(Body(_ack), out var frame, out _);
        var sum = 0UL;
        foreach (var entry in frame.Entries)
            sum += entry.Offset;
        return sum;
    }

    /// <summary>A command, encoded.</summary>
    [Benchmark]
    public int EncodeCommand()
    {
        _output.ResetWrittenCount();
        new CommandFrame(70_000, 90, MessageTypes.MessagePost, _post).Write(_output);
        return _output.WrittenCount;
    }

    /// <summary>An event, encoded.</summary>
    [Benchmark]
    public int EncodeEvent()
    {
        _output.ResetWrittenCount();
        new EventFrame(90, 9_000, TimeBaseMs + 60_000, 3, MessageTypes.MessagePost, _post).Write(_output, TimeBaseMs);
        return _output.WrittenCount;
    }

    /// <summary>A commit, encoded.</summary>
    [Benchmark]
    public int EncodeCommit()
    {
        _output.ResetWrittenCount();
        CommitFrame.Write(_output, 70_000, []);
        return _output.WrittenCount;
    }

    private static ReadOnlySequence<byte> Body(in ReadOnlySequence<byte> message)
    {
        var reader = new FrameReader(message);
        reader.TryRead(out var frame, out _);
        return frame.Body;
    }

    private static ReadOnlySequence<byte> Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return new ReadOnlySequence<byte>(output.WrittenSpan.ToArray());
    }
}
