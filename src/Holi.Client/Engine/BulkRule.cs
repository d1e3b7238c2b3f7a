using System.Buffers;
using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>Which whole frames travelled in the bulk lane (holi.v1.md §5.3): a topic's events up to and with its first Complete, and pages.</summary>
internal static class BulkRule
{
    public static bool MayBeBulk(in Frame frame, TopicTable topics) => frame.Kind switch
    {
        FrameKind.HistoryPage or FrameKind.Snapshot => true,
        FrameKind.Event or FrameKind.Skip or FrameKind.Complete => FirstNumber(frame.Body) is var number and not 0
            && topics.TryGet(number, out var topic) && !topic.WasComplete && !topic.Name.StartsWith("alert/", StringComparison.Ordinal),
        _ => false,
    };

    // The topic's number is the first field of all three.
    private static uint FirstNumber(in ReadOnlySequence<byte> body)
    {
        var reader = new SequenceReader<byte>(body);
        return Varint.TryRead(ref reader, out var number) && number <= uint.MaxValue ? (uint)number : 0;
    }
}
