using System.Buffers;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>What a gateway does for each command allocates nothing.</summary>
public sealed class AllocationTests
{
    private static readonly byte[] Post = new MessagePost(
        Text: new string('é', 300),
        ReplyTo: 7,
        Attachments: [new("id", "image/png", 1_000, "a.png"), new("id2", "image/png", 1_000, null)],
        ComposedAtMs: 1_700_000_000_000).ToBytes();

    private static readonly byte[] ManyKeys = Pack.Of(Enumerable.Range(0, 400).ToDictionary(i => $"key {i}", i => (object?)i));

    [Fact]
    public void Checking_a_payload()
    {
        AllocatedBy(Pack.Sequence(Post), payload => PayloadRules.Check(payload)).ShouldBe(0);
        AllocatedBy(Pack.Split(Post, 50), payload => PayloadRules.Check(payload)).ShouldBe(0);
        AllocatedBy(Pack.Sequence(ManyKeys), payload => PayloadRules.Check(payload)).ShouldBe(0, "the room for keys is pooled");
    }

    [Fact]
    public void Checking_a_message()
    {
        AllocatedBy(Pack.Sequence(Post), payload => MessagePost.Check(payload)).ShouldBe(0);
        AllocatedBy(Pack.Split(Post, 50), payload => MessagePost.Check(payload)).ShouldBe(0);
    }

    [Fact]
    public void Reading_a_read_mark() =>
        AllocatedBy(Pack.Sequence(new ReadMark(90_000).ToBytes()), payload => ReadMark.TryRead(payload, out _)).ShouldBe(0);

    [Fact]
    public void The_digest_of_a_command()
    {
        static bool Roll(ReadOnlySequence<byte> payload)
        {
            var check = CommandCheck.Compute(5, 0, 0, MessageTypes.MessagePost, "conversation/x"u8, payload);
            return default(CommandDigest).Roll(check) != default;
        }

        AllocatedBy(Pack.Sequence(Post), Roll).ShouldBe(0);
        AllocatedBy(Pack.Split(new byte[5_000], 999), Roll).ShouldBe(0);
    }

    // The least of several rounds: what the runtime allocates on the way, for its own tiers or pools, does not come back.
    private static long AllocatedBy(ReadOnlySequence<byte> payload, Func<ReadOnlySequence<byte>, bool> work)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                work(payload).ShouldBeTrueWithoutAllocating();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}

file static class Quietly
{
    public static void ShouldBeTrueWithoutAllocating(this bool value)
    {
        if (!value)
            throw new InvalidOperationException("the payload was refused");
    }
}
