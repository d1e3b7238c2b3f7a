using System.Buffers;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>Reads a frame once and gives what writes it again.</summary>
internal static class Rewriter
{
    public static Action<IBufferWriter<byte>> Of(in ReadOnlySequence<byte> message)
    {
        new FrameReader(message).TryRead(out var frame, out _).ShouldBeTrue();
        const long timeBase = Receiver.TimeBaseMs;
        switch (frame.Kind)
        {
            case FrameKind.Command: CommandFrame.TryRead(frame.Body, out var command, out _); return command.Write;
            case FrameKind.CommandAgain: CommandFrame.TryReadAgain(frame.Body, out var again, out _); return again.Write;
            case FrameKind.Commit: return Commit(frame.Body);
            case FrameKind.Event: EventFrame.TryRead(frame.Body, timeBase, out var e, out _); return output => e.Write(output, timeBase);
            case FrameKind.Skip: SkipFrame.TryRead(frame.Body, out var skip, out _); return skip.Write;
            case FrameKind.Ack: return Ack(frame.Body);
            case FrameKind.Ping: PingFrame.TryRead(frame.Body, out var ping, out _); return ping.Write;
            case FrameKind.Pong: PongFrame.TryRead(frame.Body, out var pong, out _); return pong.Write;
            case FrameKind.Credit: CreditFrame.TryRead(frame.Body, out var credit, out _); return credit.Write;
            case FrameKind.Part: PartFrame.TryRead(frame.Body, out var part, out _); return part.Write;
            case FrameKind.Receipts: return Receipts(frame.Body);
            case FrameKind.Signal: SignalFrame.TryRead(frame.Body, out var signal, out _); return signal.Write;
            case FrameKind.PeerSignal: PeerSignalFrame.TryRead(frame.Body, out var peer, out _); return peer.Write;
            case FrameKind.Complete: CompleteFrame.TryRead(frame.Body, out var complete, out _); return complete.Write;
            case FrameKind.Chunk: ChunkFrame.TryRead(frame.Body, out var chunk, out _); return chunk.Write;
            case FrameKind.HistoryPage: HistoryPageFrame.TryRead(frame.Body, out var page, out _); return page.Write;
            default: throw new NotSupportedException(frame.Kind.ToString());
        }
    }

    // Lists are written both from values and, the second time, as they came.
    private static Action<IBufferWriter<byte>> Commit(in ReadOnlySequence<byte> body)
    {
        CommitFrame.TryRead(body, out var commit, out _);
        var refusals = new List<Refusal>();
        foreach (var refusal in commit.Refusals)
            refusals.Add(refusal);
        var array = refusals.ToArray();
        return OneThenTheOther(output => CommitFrame.Write(output, commit.Committed, array), commit.Write);
    }

    private static Action<IBufferWriter<byte>> Ack(in ReadOnlySequence<byte> body)
    {
        AckFrame.TryRead(body, out var ack, out _);
        var entries = new List<AckEntry>();
        foreach (var entry in ack.Entries)
            entries.Add(entry);
        var array = entries.ToArray();
        return OneThenTheOther(output => AckFrame.Write(output, array), ack.Write);
    }

    private static Action<IBufferWriter<byte>> Receipts(in ReadOnlySequence<byte> body)
    {
        ReceiptsFrame.TryRead(body, out var receipts, out _);
        var entries = new List<ReceiptEntry>();
        foreach (var entry in receipts.Entries)
            entries.Add(entry);
        var array = entries.ToArray();
        return OneThenTheOther(output => ReceiptsFrame.Write(output, receipts.Topic, array), receipts.Write);
    }

    private static Action<IBufferWriter<byte>> OneThenTheOther(Action<IBufferWriter<byte>> one, Action<IBufferWriter<byte>> other)
    {
        var turn = 0;
        return output => ((turn++ & 1) == 0 ? one : other)(output);
    }
}
