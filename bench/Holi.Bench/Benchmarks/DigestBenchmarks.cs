using BenchmarkDotNet.Attributes;
using Holi.Wire.Payloads;

namespace Holi.Bench;

/// <summary>What the rolling digest (holi.v1.md §6.3) adds to each command: two SHA-256 on both sides.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks
{
    private readonly byte[] _topic = "conversation/0123456789abcdef012345"u8.ToArray();
    private readonly byte[] _payload = new MessagePost(new string('x', 128)).ToBytes();
    private CommandDigest _digest;

    /// <summary>Check and roll, once.</summary>
    [Benchmark]
    public CommandDigest Roll() =>
        _digest = _digest.Roll(CommandCheck.Compute(7, 0, 0, MessageTypes.MessagePost, _topic, new(_payload)));
}
