using System.Text.Json.Nodes;
using Holi.Wire.Frames;
using static Holi.Wire.Tests.Frames.Json;

namespace Holi.Wire.Tests.Frames;

/// <summary>What a frame says, in the words of protocol/vectors/frames.json.</summary>
internal static class FrameToJson
{
    /// <summary>Null where the body breaks a rule.</summary>
    public static JsonObject? Read(in Frame frame, long timeBaseMs, out Violation violation) => frame.Kind switch
    {
        FrameKind.Hello => HelloFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Welcome => WelcomeFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Ping => PingFrame.TryRead(frame.Body, out var f, out violation) ? new() { ["nonce"] = Number(f.Nonce) } : null,
        FrameKind.Pong => PongFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["nonce"] = Number(f.Nonce), ["time"] = Number(f.TimeMs) } : null,
        FrameKind.GoAway => GoAwayFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["code"] = (int)f.Code, ["retryAfter"] = Number(f.RetryAfter), ["spread"] = Number(f.Spread) } : null,
        FrameKind.Token => TokenFrame.TryRead(frame.Body, out var f, out violation) ? new() { ["token"] = f.Token } : null,
        FrameKind.TokenAccepted => TokenAcceptedFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["expires"] = Number(f.ExpiresMs) } : null,
        FrameKind.Credit => CreditFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["lane"] = (int)f.Lane, ["bytes"] = Number(f.Bytes) } : null,
        FrameKind.Part => PartFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["lane"] = (int)f.Lane, ["last"] = f.Last, ["bytes"] = Hex(f.Bytes) } : null,
        FrameKind.Error => ErrorFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["code"] = (int)f.Code, ["request"] = f.Request, ["topic"] = f.Topic, ["seq"] = Number(f.Seq) } : null,
        FrameKind.Command => CommandFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.CommandAgain => CommandFrame.TryReadAgain(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Commit => CommitFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Event => EventFrame.TryRead(frame.Body, timeBaseMs, out var f, out violation) ? Of(f, timeBaseMs) : null,
        FrameKind.Skip => SkipFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["topic"] = f.Topic, ["through"] = Number(f.Through), ["reason"] = (int)f.Reason } : null,
        FrameKind.Ack => AckFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Topic => TopicFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.TopicGone => TopicGoneFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["number"] = f.Number, ["name"] = f.NameText, ["code"] = (int)f.Code } : null,
        FrameKind.Complete => CompleteFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["topic"] = f.Topic, ["offset"] = Number(f.Offset), ["time"] = Number(f.TimeMs) } : null,
        FrameKind.Follow => FollowFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Unfollow => UnfollowFrame.TryRead(frame.Body, out var f, out violation) ? new() { ["topic"] = f.Topic } : null,
        FrameKind.Watch => WatchFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["topic"] = f.Topic, ["mode"] = (int)f.Mode } : null,
        FrameKind.Roster => RosterFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Receipts => ReceiptsFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.HistoryRequest => HistoryRequestFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["request"] = f.Request, ["topic"] = f.Topic, ["before"] = Number(f.Before), ["count"] = f.Count } : null,
        FrameKind.HistoryPage => HistoryPageFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["request"] = f.Request, ["topic"] = f.Topic, ["last"] = f.Last, ["frames"] = Hex(f.Frames) } : null,
        FrameKind.SnapshotRequest => SnapshotRequestFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["request"] = f.Request, ["topic"] = f.Topic, ["have"] = Number(f.Have) } : null,
        FrameKind.Snapshot => SnapshotFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.RecordingOpen => RecordingOpenFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.RecordingState => RecordingStateFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Chunk => ChunkFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.RecordingEnd => RecordingEndFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["recording"] = f.Recording, ["chunks"] = Number(f.Chunks) } : null,
        FrameKind.RecordingGap => RecordingGapFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.Signal => SignalFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["topic"] = f.Topic, ["type"] = (int)f.Type, ["payload"] = Hex(f.Payload) } : null,
        FrameKind.PeerSignal => PeerSignalFrame.TryRead(frame.Body, out var f, out violation) ? Of(f) : null,
        FrameKind.DeviceState => DeviceStateFrame.TryRead(frame.Body, out var f, out violation)
            ? new() { ["foreground"] = f.Foreground } : null,
        _ => throw new NotSupportedException(frame.Kind.ToString()),
    };

    private static JsonObject Of(HelloFrame f) => new()
    {
        ["minor"] = f.Minor, ["token"] = f.Token, ["device"] = f.Device, ["generation"] = f.Generation,
        ["lastAssigned"] = Number(f.LastAssigned), ["known"] = Number(f.Known), ["digest"] = Hex(new(f.Digest.ToBytes())),
        ["backlog"] = Number(f.Backlog),
        ["cursors"] = Array(f.Cursors, cursor => new JsonObject
        {
            ["name"] = cursor.Name, ["epoch"] = Number(cursor.Epoch), ["offset"] = Number(cursor.Offset),
        }),
        ["bulkCredit"] = f.BulkCredit, ["audioCredit"] = f.AudioCredit, ["client"] = f.Client, ["opening"] = Number(f.Opening),
    };

    private static JsonObject Of(WelcomeFrame f) => new()
    {
        ["minor"] = f.Minor, ["generation"] = f.Generation, ["committed"] = Number(f.Committed),
        ["digest"] = Hex(new(f.Digest.ToBytes())), ["time"] = f.TimeMs, ["timeBase"] = f.TimeBaseMs,
        ["heartbeat"] = Number(f.Heartbeat), ["tokenExpires"] = f.TokenExpiresMs, ["user"] = f.User, ["topics"] = f.Topics,
        ["bulkCredit"] = f.BulkCredit, ["audioCredit"] = f.AudioCredit,
        ["limits"] = new JsonArray(
            Number(f.Limits.CommandsInFlight), Number(f.Limits.CommandBytesInFlight), Number(f.Limits.FrameBytesMax),
            Number(f.Limits.WatchedTopics), Number(f.Limits.FollowedTopics)),
        ["features"] = Array(f.Features, feature => feature),
    };

    private static JsonObject Of(in CommandFrame f)
    {
        var fields = new JsonObject { ["seq"] = Number(f.Seq) };
        if (f.IsAgain)
        {
            fields["firstGeneration"] = f.FirstGeneration;
            fields["firstSeq"] = Number(f.FirstSeq);
        }
        fields["topic"] = f.Topic;
        fields["topicName"] = f.TopicNameText;
        fields["type"] = (int)f.Type;
        fields["payload"] = Hex(f.Payload);
        return fields;
    }

    private static JsonObject Of(in CommitFrame f)
    {
        var refusals = new JsonArray();
        foreach (var refusal in f.Refusals)
            refusals.Add(new JsonObject { ["seq"] = Number(refusal.Seq), ["code"] = (int)refusal.Code });
        return new() { ["committed"] = Number(f.Committed), ["refusals"] = refusals };
    }

    private static JsonObject Of(in EventFrame f, long timeBaseMs) => new()
    {
        ["topic"] = f.Topic, ["offset"] = Number(f.Offset), ["timeBase"] = timeBaseMs, ["time"] = f.TimeMs, ["member"] = f.Member,
        ["type"] = (int)f.Type, ["payload"] = Hex(f.Payload),
    };

    private static JsonObject Of(in AckFrame f)
    {
        var entries = new JsonArray();
        foreach (var entry in f.Entries)
            entries.Add(new JsonObject { ["topic"] = entry.Topic, ["offset"] = Number(entry.Offset) });
        return new() { ["entries"] = entries };
    }

    private static JsonObject Of(TopicFrame f) => new()
    {
        ["number"] = f.Number, ["name"] = f.Name, ["epoch"] = Number(f.Epoch), ["head"] = Number(f.Head), ["first"] = Number(f.First),
        ["start"] = Number(f.Start), ["read"] = Number(f.Read), ["delivered"] = Number(f.Delivered), ["role"] = (int)f.Role,
        ["member"] = f.Member, ["title"] = f.Title, ["members"] = f.Members,
    };

    private static JsonObject Of(in FollowFrame f) => new()
    {
        ["topic"] = f.Topic, ["topicName"] = f.TopicNameText, ["epoch"] = Number(f.Epoch), ["offset"] = Number(f.Offset),
        ["backlog"] = Number(f.Backlog),
    };

    private static JsonObject Of(RosterFrame f) => new()
    {
        ["topic"] = f.Topic,
        ["members"] = Array(f.Members, member => new JsonObject
        {
            ["member"] = member.Member, ["user"] = member.User, ["role"] = (int)member.Role, ["delivered"] = Number(member.Delivered),
            ["read"] = Number(member.Read), ["online"] = member.Online, ["lastSeen"] = member.LastSeenMs,
        }),
    };

    private static JsonObject Of(in ReceiptsFrame f)
    {
        var entries = new JsonArray();
        foreach (var entry in f.Entries)
        {
            entries.Add(new JsonObject
            {
                ["member"] = entry.Member, ["delivered"] = Number(entry.Delivered), ["read"] = Number(entry.Read),
            });
        }
        return new() { ["topic"] = f.Topic, ["entries"] = entries };
    }

    private static JsonObject Of(in SnapshotFrame f) => new()
    {
        ["request"] = f.Request, ["topic"] = f.Topic, ["asOf"] = Number(f.AsOf), ["encoding"] = (int)f.Encoding,
        ["payload"] = Hex(f.Payload),
    };

    private static JsonObject Of(in RecordingOpenFrame f) => new()
    {
        ["recording"] = f.Recording, ["id"] = f.IdText, ["topicName"] = f.TopicNameText, ["codec"] = (int)f.Codec,
        ["sampleRate"] = f.SampleRate, ["channels"] = (int)f.Channels,
    };

    private static JsonObject Of(in RecordingStateFrame f) => new()
    {
        ["recording"] = f.Recording, ["stored"] = Number(f.Stored), ["state"] = (int)f.State, ["code"] = (int)f.Code,
    };

    private static JsonObject Of(in ChunkFrame f) => new()
    {
        ["recording"] = f.Recording, ["chunk"] = Number(f.Chunk), ["sample"] = Number(f.Sample), ["bytes"] = Hex(f.Bytes),
    };

    private static JsonObject Of(in RecordingGapFrame f) => new()
    {
        ["recording"] = f.Recording, ["chunk"] = Number(f.Chunk), ["fromSample"] = Number(f.FromSample),
        ["toSample"] = Number(f.ToSample),
    };

    private static JsonObject Of(in PeerSignalFrame f) => new()
    {
        ["topic"] = f.Topic, ["type"] = (int)f.Type, ["member"] = f.Member, ["ttl"] = Number(f.Ttl), ["payload"] = Hex(f.Payload),
    };
}
