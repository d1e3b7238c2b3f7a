using System.Buffers;
using System.Text.Json.Nodes;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Frames;

/// <summary>Writes the frame that the fields of protocol/vectors/frames.json describe.</summary>
internal static class JsonToFrame
{
    public static byte[] Bytes(FrameKind kind, JsonObject fields)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(kind, fields, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(FrameKind kind, JsonObject f, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case FrameKind.Hello:
                Hello(f).Write(output);
                break;
            case FrameKind.Welcome:
                Welcome(f).Write(output);
                break;
            case FrameKind.Ping:
                new PingFrame(f.U64("nonce")).Write(output);
                break;
            case FrameKind.Pong:
                new PongFrame(f.U64("nonce"), f.I64("time")).Write(output);
                break;
            case FrameKind.GoAway:
                new GoAwayFrame(f.Code(), f.Milliseconds("retryAfter"), f.Milliseconds("spread")).Write(output);
                break;
            case FrameKind.Token:
                new TokenFrame(f.Text("token")!).Write(output);
                break;
            case FrameKind.TokenAccepted:
                new TokenAcceptedFrame(f.I64("expires")).Write(output);
                break;
            case FrameKind.Credit:
                new CreditFrame((Lane)f.U8("lane"), f.U64("bytes")).Write(output);
                break;
            case FrameKind.Part:
                new PartFrame((Lane)f.U8("lane"), f.Flag("last"), f.Bytes("bytes")).Write(output);
                break;
            case FrameKind.Error:
                new ErrorFrame(f.Code(), f.U32("request"), f.U32("topic"), f.U64("seq")).Write(output);
                break;
            case FrameKind.Command:
                new CommandFrame(f.U64("seq"), 0, 0, f.U32("topic"), f.Utf8("topicName"), f.U16("type"), f.Bytes("payload")).Write(output);
                break;
            case FrameKind.CommandAgain:
                new CommandFrame(
                    f.U64("seq"), f.U32("firstGeneration"), f.U64("firstSeq"), f.U32("topic"), f.Utf8("topicName"), f.U16("type"),
                    f.Bytes("payload")).Write(output);
                break;
            case FrameKind.Commit:
                CommitFrame.Write(output, f.U64("committed"), f.List("refusals", r => new Refusal(r.U64("seq"), r.Code())));
                break;
            case FrameKind.Event:
                new EventFrame(f.U32("topic"), f.U64("offset"), f.I64("time"), f.U32("member"), f.U16("type"), f.Bytes("payload"))
                    .Write(output, f.I64("timeBase"));
                break;
            case FrameKind.Skip:
                new SkipFrame(f.U32("topic"), f.U64("through"), (SkipReason)f.U8("reason")).Write(output);
                break;
            case FrameKind.Ack:
                AckFrame.Write(output, f.List("entries", e => new AckEntry(e.U32("topic"), e.U64("offset"))));
                break;
            case FrameKind.Topic:
                Topic(f).Write(output);
                break;
            case FrameKind.TopicGone:
                new TopicGoneFrame(f.U32("number"), f.Utf8("name"), f.Code()).Write(output);
                break;
            case FrameKind.Complete:
                new CompleteFrame(f.U32("topic"), f.U64("offset"), f.I64("time")).Write(output);
                break;
            case FrameKind.Follow:
                new FollowFrame(f.U32("topic"), f.Utf8("topicName"), f.U64("epoch"), f.U64("offset"), f.U64("backlog")).Write(output);
                break;
            case FrameKind.Unfollow:
                new UnfollowFrame(f.U32("topic")).Write(output);
                break;
            case FrameKind.Watch:
                new WatchFrame(f.U32("topic"), (WatchMode)f.U8("mode")).Write(output);
                break;
            case FrameKind.Roster:
                new RosterFrame(f.U32("topic"), f.List("members", Member)).Write(output);
                break;
            case FrameKind.Receipts:
                ReceiptsFrame.Write(
                    output, f.U32("topic"), f.List("entries", e => new ReceiptEntry(e.U32("member"), e.U64("delivered"), e.U64("read"))));
                break;
            case FrameKind.HistoryRequest:
                new HistoryRequestFrame(f.U32("request"), f.U32("topic"), f.U64("before"), f.U32("count")).Write(output);
                break;
            case FrameKind.HistoryPage:
                new HistoryPageFrame(f.U32("request"), f.U32("topic"), f.Flag("last"), f.Bytes("frames")).Write(output);
                break;
            case FrameKind.SnapshotRequest:
                new SnapshotRequestFrame(f.U32("request"), f.U32("topic"), f.U64("have")).Write(output);
                break;
            case FrameKind.Snapshot:
                new SnapshotFrame(
                    f.U32("request"), f.U32("topic"), f.U64("asOf"), (SnapshotEncoding)f.U8("encoding"), f.Bytes("payload")).Write(output);
                break;
            case FrameKind.RecordingOpen:
                new RecordingOpenFrame(
                    f.U32("recording"), f.Utf8("id"), f.Utf8("topicName"), (AudioCodec)f.U8("codec"), f.U32("sampleRate"),
                    f.U8("channels")).Write(output);
                break;
            case FrameKind.RecordingState:
                new RecordingStateFrame(f.U32("recording"), f.U64("stored"), (RecordingStatus)f.U8("state"), f.Code()).Write(output);
                break;
            case FrameKind.Chunk:
                new ChunkFrame(f.U32("recording"), f.U64("chunk"), f.U64("sample"), f.Bytes("bytes")).Write(output);
                break;
            case FrameKind.RecordingEnd:
                new RecordingEndFrame(f.U32("recording"), f.U64("chunks")).Write(output);
                break;
            case FrameKind.RecordingGap:
                new RecordingGapFrame(f.U32("recording"), f.U64("chunk"), f.U64("fromSample"), f.U64("toSample")).Write(output);
                break;
            case FrameKind.Signal:
                new SignalFrame(f.U32("topic"), f.U16("type"), f.Bytes("payload")).Write(output);
                break;
            case FrameKind.PeerSignal:
                new PeerSignalFrame(f.U32("topic"), f.U16("type"), f.U32("member"), f.Milliseconds("ttl"), f.Bytes("payload"))
                    .Write(output);
                break;
            case FrameKind.DeviceState:
                new DeviceStateFrame(f.Flag("foreground")).Write(output);
                break;
            default:
                throw new NotSupportedException(kind.ToString());
        }
    }

    private static HelloFrame Hello(JsonObject f) => new()
    {
        Minor = (int)f.U32("minor"), Token = f.Text("token")!, Device = f.Text("device")!, Generation = f.U32("generation"),
        LastAssigned = f.U64("lastAssigned"), Known = f.U64("known"), Digest = CommandDigest.FromBytes(f.Bytes("digest").FirstSpan),
        Backlog = f.I64("backlog"),
        Cursors = f.List("cursors", c => new TopicCursor(c.Text("name")!, c.U64("epoch"), c.U64("offset"))),
        BulkCredit = f.I64("bulkCredit"), AudioCredit = f.I64("audioCredit"), Client = f.Text("client")!, Opening = f.U64("opening"),
    };

    private static WelcomeFrame Welcome(JsonObject f)
    {
        var limits = f["limits"]!.AsArray().Select(limit => long.Parse(limit!.ToString())).ToArray();
        return new()
        {
            Minor = (int)f.U32("minor"), Generation = f.U32("generation"), Committed = f.U64("committed"),
            Digest = CommandDigest.FromBytes(f.Bytes("digest").FirstSpan), TimeMs = f.I64("time"), TimeBaseMs = f.I64("timeBase"),
            Heartbeat = f.Milliseconds("heartbeat"), TokenExpiresMs = f.I64("tokenExpires"), User = f.Text("user")!,
            Topics = (int)f.U32("topics"), BulkCredit = f.I64("bulkCredit"), AudioCredit = f.I64("audioCredit"),
            Limits = new(limits[0], limits[1], limits[2], limits[3], limits[4]),
            Features = [.. f["features"]!.AsArray().Select(feature => (string)feature!)],
        };
    }

    private static TopicFrame Topic(JsonObject f) => new()
    {
        Number = f.U32("number"), Name = f.Text("name")!, Epoch = f.U64("epoch"), Head = f.U64("head"), First = f.U64("first"),
        Start = f.U64("start"), Read = f.U64("read"), Delivered = f.U64("delivered"), Role = (MemberRole)f.U8("role"),
        Member = f.U32("member"), Title = f.Text("title"), Members = f.U32("members"),
    };

    private static RosterMember Member(JsonObject m) => new(
        m.U32("member"), m.Text("user")!, (MemberRole)m.U8("role"), m.U64("delivered"), m.U64("read"), m.Flag("online"), m.I64("lastSeen"));
}
