using System.Buffers;
using BenchmarkDotNet.Attributes;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Bench;

/// <summary>MessagePack inside the protocol's limits (§3.1): a check allocates nothing; reading allocates what it returns.</summary>
[MemoryDiagnoser]
public class PayloadBenchmarks
{
    private static readonly string[] Members = [.. Enumerable.Range(0, 20).Select(i => $"user-{i}")];

    private readonly MessagePost _post = new(new string('x', 128));
    private readonly ArrayBufferWriter<byte> _output = new(1_024);
    private ReadOnlySequence<byte> _postBytes;
    private ReadOnlySequence<byte> _createBytes;
    private ReadOnlySequence<byte> _hello;

    /// <summary>Encodes one of each.</summary>
    [GlobalSetup]
    public void Encode()
    {
        _postBytes = new(_post.ToBytes());
        _createBytes = new(new ConversationCreate("Ward 3", [.. Members.Select(m => new NewMember(m, MemberRole.Member))]).ToBytes());
        var hello = new ArrayBufferWriter<byte>();
        new HelloFrame
        {
            Token = new string('t', 400), Device = "phone", BulkCredit = 1 << 20,
            Cursors = [.. Members.Select(m => new TopicCursor($"conversation/{m}", 1, 100))],
        }.Write(hello);
        var reader = new FrameReader(new(hello.WrittenMemory));
        reader.TryRead(out var frame, out _);
        _hello = frame.Body;
    }

    /// <summary>A message's payload, checked as the gateway does before it stores it.</summary>
    [Benchmark]
    public bool CheckPost() => MessagePost.Check(_postBytes);

    /// <summary>A message's payload, read as an app does.</summary>
    [Benchmark]
    public string? ReadPost() => MessagePost.TryRead(_postBytes, out var post) ? post.Text : null;

    /// <summary>A message's payload, written.</summary>
    [Benchmark]
    public int WritePost() => _post.ToBytes().Length;

    /// <summary>A new conversation of twenty, read.</summary>
    [Benchmark]
    public int ReadCreate() => ConversationCreate.TryRead(_createBytes, out var create) ? create.Members.Count : 0;

    /// <summary>A Hello with twenty cursors, read.</summary>
    [Benchmark]
    public int ReadHello() => HelloFrame.TryRead(_hello, out var hello, out _) ? hello.Cursors.Count : 0;

    /// <summary>A Pong, written: the smallest frame with fields.</summary>
    [Benchmark]
    public int WritePong()
    {
        _output.ResetWrittenCount();
        new PongFrame(7, 1_790_000_000_000).Write(_output);
        return _output.WrittenCount;
    }
}
