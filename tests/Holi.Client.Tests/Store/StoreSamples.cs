using System.Text;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Store;

/// <summary>Commands, topics and events for tests of stores: what a number stands for is always the same.</summary>
internal static class StoreSamples
{
    public const string Topic = "conversation/c1";

    public static byte[] Payload(string text) => Encoding.UTF8.GetBytes(text);

    public static OutboxCommand Command(ulong seq, string? text = null) =>
        new(seq, 0, 0, Topic, MessageTypes.MessagePost, Payload(text ?? $"message {seq}"), 1_700_000_000_000 + (long)seq);

    public static QueueCommand[] Queue(ulong from, ulong through)
    {
        var writes = new List<QueueCommand>();
        for (var seq = from; seq <= through; seq++)
            writes.Add(new QueueCommand(Command(seq)));
        return [.. writes];
    }

    public static CommandDigest Digest(byte fill)
    {
        var bytes = new byte[CommandDigest.Bytes];
        bytes.AsSpan().Fill(fill);
        return CommandDigest.FromBytes(bytes);
    }

    public static ReplicaTopic NewTopic(string name = Topic, ulong epoch = 7, ulong cursor = 0) =>
        new(name, epoch, cursor, 100, 1, 3, MemberRole.Admin, 5, "Ward 4", 12, 0, 0, false);

    public static ReplicaEvent Event(ulong offset, string? text = null, string topic = Topic) =>
        new(topic, offset, 1_700_000_000_000 + (long)offset, 4, MessageTypes.MessagePost, Payload(text ?? $"event {offset}"));

    public static ReplicaEvent[] Events(ulong from, ulong through, string topic = Topic)
    {
        var events = new List<ReplicaEvent>();
        for (var offset = from; offset <= through; offset++)
            events.Add(Event(offset, topic: topic));
        return [.. events];
    }

    public static void ShouldBeSame(OutboxCommand actual, OutboxCommand expected)
    {
        if (!actual.Payload.AsSpan().SequenceEqual(expected.Payload)) // thousands of times: the assertion alone is slow
            actual.Payload.ShouldBe(expected.Payload);
        (actual with { Payload = expected.Payload } == expected).ShouldBeTrue($"{actual} is not {expected}");
    }

    public static void ShouldBeSame(ReplicaEvent actual, ReplicaEvent expected)
    {
        if (!actual.Payload.AsSpan().SequenceEqual(expected.Payload)) // thousands of times: the assertion alone is slow
            actual.Payload.ShouldBe(expected.Payload);
        (actual with { Payload = expected.Payload } == expected).ShouldBeTrue($"{actual} is not {expected}");
    }
}
