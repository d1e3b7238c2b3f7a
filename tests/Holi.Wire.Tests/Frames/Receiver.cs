using System.Buffers;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>Takes a message as a connection would: all frames in order, up to the first mistake.</summary>
internal static class Receiver
{
    /// <summary>The timeBase of every connection in these tests.</summary>
    public const long TimeBaseMs = 1_790_000_000_000;

    public static Violation Receive(in ReadOnlySequence<byte> message, List<FrameKind>? kinds = null)
    {
        var frames = new FrameReader(message);
        while (frames.TryRead(out var frame, out var violation))
        {
            violation = Read(frame);
            if (!violation.IsNone)
                return violation;
            kinds?.Add(frame.Kind);
        }
        frames.TryRead(out _, out var last);
        return last;
    }

    /// <summary>Reads everything that a frame says and keeps nothing.</summary>
    public static Violation Read(in Frame frame)
    {
        Violation violation;
        switch (frame.Kind)
        {
            case FrameKind.Hello: HelloFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Welcome: WelcomeFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Ping: PingFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Pong: PongFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.GoAway: GoAwayFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Token: TokenFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.TokenAccepted: TokenAcceptedFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Credit: CreditFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Part: PartFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Error: ErrorFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Command: CommandFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.CommandAgain: CommandFrame.TryReadAgain(frame.Body, out _, out violation); break;
            case FrameKind.Commit:
                if (CommitFrame.TryRead(frame.Body, out var commit, out violation))
                {
                    foreach (var refusal in commit.Refusals)
                    {
                        if (refusal.Seq == 0 || refusal.Seq > commit.Committed)
                            throw new InvalidDataException("A refusal outside of what was committed.");
                    }
                }
                break;
            case FrameKind.Event: EventFrame.TryRead(frame.Body, TimeBaseMs, out _, out violation); break;
            case FrameKind.Skip: SkipFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Ack:
                if (AckFrame.TryRead(frame.Body, out var ack, out violation))
                {
                    foreach (var entry in ack.Entries)
                        _ = entry.Offset;
                }
                break;
            case FrameKind.Topic: TopicFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.TopicGone: TopicGoneFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Complete: CompleteFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Follow: FollowFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Unfollow: UnfollowFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Watch: WatchFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Roster: RosterFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Receipts:
                if (ReceiptsFrame.TryRead(frame.Body, out var receipts, out violation))
                {
                    foreach (var entry in receipts.Entries)
                        _ = entry.Read;
                }
                break;
            case FrameKind.HistoryRequest: HistoryRequestFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.HistoryPage: violation = ReadPage(frame.Body); break;
            case FrameKind.SnapshotRequest: SnapshotRequestFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Snapshot: SnapshotFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.RecordingOpen: RecordingOpenFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.RecordingState: RecordingStateFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Chunk: ChunkFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.RecordingEnd: RecordingEndFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.RecordingGap: RecordingGapFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.Signal: SignalFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.PeerSignal: PeerSignalFrame.TryRead(frame.Body, out _, out violation); break;
            case FrameKind.DeviceState: DeviceStateFrame.TryRead(frame.Body, out _, out violation); break;
            default: throw new NotSupportedException(frame.Kind.ToString());
        }
        return violation;
    }

    private static Violation ReadPage(in ReadOnlySequence<byte> body)
    {
        if (!HistoryPageFrame.TryRead(body, out var page, out var violation))
            return violation;
        var frames = page.ReadFrames();
        while (frames.TryRead(out var inner, out violation))
        {
            violation = Read(inner);
            if (!violation.IsNone)
                return violation;
        }
        return violation;
    }
}
