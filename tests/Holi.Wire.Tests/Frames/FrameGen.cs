using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace Holi.Wire.Tests.Frames;

/// <summary>
/// Random frames of each kind, as the JSON text of their fields in the words of protocol/vectors (so that a failure prints what it was).
/// Numbers are spread over all lengths of a varint, and each bound comes up often.
/// </summary>
internal static class FrameGen
{
    private const ulong TimeMax = 253_402_300_799_999;

    private static readonly Gen<ulong> AnyCount = Counts(0, Varint.MaxValue);
    private static readonly Gen<string> Count = AnyCount.Select(Number);
    private static readonly Gen<string> FromOne = Counts(1, Varint.MaxValue).Select(Number);
    private static readonly Gen<string> Number32 = Counts(0, uint.MaxValue).Select(Number);
    private static readonly Gen<string> NumberFromOne = Counts(1, uint.MaxValue).Select(Number);
    private static readonly Gen<string> Number16 = Counts(0, ushort.MaxValue).Select(Number);
    private static readonly Gen<string> Number31 = Counts(0, int.MaxValue).Select(Number);
    private static readonly Gen<string> Time = Counts(0, TimeMax).Select(Number);
    private static readonly Gen<string> Credit = Counts(0, 1UL << 31).Select(Number);
    private static readonly Gen<string> Flag = Gen.Bool.Select(flag => flag ? "true" : "false");
    private static readonly Gen<string> Digest = Gen.Byte.Array[16].Select(Hex);
    private static readonly Gen<string> Bytes = Gen.Byte.Array[0, 40].Select(Hex);
    private static readonly Gen<string> User = Gen.Char["abcXYZ019._@-"].Array[1, 64].Select(chars => Quote(new(chars)));
    private static readonly Gen<string> Id = Gen.Char["abcXYZ019_-"].Array[1, 64].Select(chars => Quote(new(chars)));
    private static readonly Gen<string> Name = Words(0, 32);
    private static readonly Gen<string> Digit = Gen.Int[0, 255].Select(value => Number((ulong)value));

    /// <summary>The fields of a frame of the kind.</summary>
    public static Gen<string> Of(FrameKind kind) => kind switch
    {
        FrameKind.Hello => Object(
            ("minor", Number31), ("token", Words(0, 200)), ("device", Id), ("generation", Number32), ("lastAssigned", Count),
            ("known", Count), ("digest", Digest), ("backlog", Gen.OneOf(Gen.Const("-1"), Count)),
            ("cursors", List(0, 20, ("name", Name), ("epoch", Count), ("offset", Count))),
            ("bulkCredit", Credit), ("audioCredit", Credit), ("client", Words(0, 16)), ("opening", Count)),
        FrameKind.Welcome => Object(
            ("minor", Number31), ("generation", Number32), ("committed", Count), ("digest", Digest), ("time", Time), ("timeBase", Time),
            ("heartbeat", Number32), ("tokenExpires", Time), ("user", User), ("topics", Number31), ("bulkCredit", Credit),
            ("audioCredit", Credit), ("limits", Count.Array[5].Select(Join)), ("features", Words(0, 16).Array[0, 3].Select(Join))),
        FrameKind.Ping => Object(("nonce", Count)),
        FrameKind.Pong => Object(("nonce", Count), ("time", Time)),
        FrameKind.GoAway => Object(("code", Number16), ("retryAfter", Number32), ("spread", Number32)),
        FrameKind.Token => Object(("token", Words(0, 200))),
        FrameKind.TokenAccepted => Object(("expires", Time)),
        FrameKind.Credit => Object(("lane", Gen.OneOf("3", "4")), ("bytes", Credit)),
        FrameKind.Part => Object(("lane", Choice(4)), ("last", Flag), ("bytes", Gen.Byte.Array[1, 40].Select(Hex))),
        FrameKind.Error => Object(("code", Number16), ("request", Number32), ("topic", Number32), ("seq", Count)),
        FrameKind.Command => Named("topic", "topicName", ("seq", FromOne), ("type", Number16), ("payload", Bytes)),
        FrameKind.CommandAgain => Named(
            "topic", "topicName", ("seq", FromOne), ("firstGeneration", NumberFromOne), ("firstSeq", FromOne), ("type", Number16),
            ("payload", Bytes)),
        FrameKind.Commit => Commit,
        FrameKind.Event => Object(
            ("topic", Number32), ("offset", FromOne), ("timeBase", Time), ("time", Time), ("member", Number32), ("type", Number16),
            ("payload", Bytes)),
        FrameKind.Skip => Object(("topic", Number32), ("through", Count), ("reason", Choice(2))),
        FrameKind.Ack => Object(("entries", List(1, 20, ("topic", Number32), ("offset", Count)))),
        FrameKind.Topic => Object(
            ("number", NumberFromOne), ("name", Name), ("epoch", Count), ("head", Count), ("first", Count), ("start", Count),
            ("read", Count), ("delivered", Count), ("role", Choice(3)), ("member", Number32),
            ("title", Gen.OneOf(Gen.Const("null"), Words(0, 64))), ("members", Number32)),
        FrameKind.TopicGone => Named("number", "name", ("code", Number16)),
        FrameKind.Complete => Object(("topic", Number32), ("offset", Count), ("time", Time)),
        FrameKind.Follow => Named("topic", "topicName", ("epoch", Count), ("offset", Count), ("backlog", Count)),
        FrameKind.Unfollow => Object(("topic", Number32)),
        FrameKind.Watch => Object(("topic", Number32), ("mode", Choice(2))),
        FrameKind.Roster => Object(
            ("topic", Number32),
            ("members", List(
                0, 20, ("member", Number32), ("user", User), ("role", Choice(3)), ("delivered", Count), ("read", Count), ("online", Flag),
                ("lastSeen", Time)))),
        FrameKind.Receipts => Object(
            ("topic", Number32), ("entries", List(1, 20, ("member", Number32), ("delivered", Count), ("read", Count)))),
        FrameKind.HistoryRequest => Object(
            ("request", NumberFromOne), ("topic", Number32), ("before", Count), ("count", Counts(1, 500).Select(Number))),
        FrameKind.HistoryPage => Object(("request", Number32), ("topic", Number32), ("last", Flag), ("frames", Page)),
        FrameKind.SnapshotRequest => Object(("request", NumberFromOne), ("topic", Number32), ("have", Count)),
        FrameKind.Snapshot => Object(
            ("request", Number32), ("topic", Number32), ("asOf", Count), ("encoding", Choice(0)), ("payload", Bytes)),
        FrameKind.RecordingOpen => Object(
            ("recording", Number32), ("id", Words(1, 16)), ("topicName", Name), ("codec", Digit), ("sampleRate", Number32),
            ("channels", Digit)),
        FrameKind.RecordingState => Object(("recording", Number32), ("stored", Count), ("state", Choice(2)), ("code", Number16)),
        FrameKind.Chunk => Object(("recording", Number32), ("chunk", FromOne), ("sample", Count), ("bytes", Bytes)),
        FrameKind.RecordingEnd => Object(("recording", Number32), ("chunks", Count)),
        FrameKind.RecordingGap => Gap,
        FrameKind.Signal => Object(("topic", Number32), ("type", Number16), ("payload", Bytes)),
        FrameKind.PeerSignal => Object(
            ("topic", Number32), ("type", Number16), ("member", Number32), ("ttl", Number32), ("payload", Bytes)),
        FrameKind.DeviceState => Object(("foreground", Flag)),
        _ => throw new NotSupportedException(kind.ToString()),
    };

    private static Gen<string> Commit =>
        from committed in AnyCount
        from refusals in Gen.Select(Counts(0, Varint.MaxValue), Number16).Array[0, committed == 0 ? 0 : 20]
        let pairs = refusals.Select(refusal => (Seq: Number(committed - (refusal.Item1 % committed)), Code: refusal.Item2))
            .Select(refusal => $$"""{"seq":{{refusal.Seq}},"code":{{refusal.Code}}}""")
        select $$"""{"committed":{{Number(committed)}},"refusals":{{Join(pairs)}}}""";

    private static Gen<string> Gap =>
        from recording in Number32
        from chunk in FromOne
        from a in AnyCount
        from b in AnyCount
        let ends = (From: Number(Math.Min(a, b)), To: Number(Math.Max(a, b)))
        select $$"""{"recording":{{recording}},"chunk":{{chunk}},"fromSample":{{ends.From}},"toSample":{{ends.To}}}""";

    // Frames near the receiver's own timeBase, so that a page can be read wherever it turns up.
    private static Gen<string> Page => Gen.Select(FromOne, Counts(0, 1UL << 35), Bytes).Array[0, 6].Select(events => Quote(string.Concat(
        events.Select(e => Convert.ToHexStringLower(JsonToFrame.Bytes(FrameKind.Event, Parse($$"""
            {"topic":1,"offset":{{e.Item1}},"timeBase":{{Receiver.TimeBaseMs}},"time":{{Receiver.TimeBaseMs + (long)e.Item2}},
             "member":1,"type":0,"payload":{{e.Item3}}}
            """)))))));

    public static System.Text.Json.Nodes.JsonObject Parse(string fields) => System.Text.Json.Nodes.JsonNode.Parse(fields)!.AsObject();

    /// <summary>From one bound to the other: both, their neighbours, powers of two and their neighbours, and what lies between.</summary>
    private static Gen<ulong> Counts(ulong min, ulong max) => Gen.OneOf(
        Gen.OneOf(min, Math.Min(min + 1, max), max - Math.Min(max - min, 1), max),
        Gen.Select(Gen.Int[0, 63], Gen.Int[-1, 1], (bits, near) => Math.Clamp((1UL << bits) + (ulong)(long)near, min, max)),
        Gen.Select(Gen.ULong, Gen.Int[0, 63], (value, bits) => Math.Clamp(value >> bits, min, max)));

    private static Gen<string> Choice(int max) => Gen.Int[0, max].Select(value => Number((ulong)value));

    // Of one to four bytes each, so that at most four times as many bytes as characters come out.
    private static Gen<string> Words(int min, int max) =>
        Gen.OneOf("a", "Z", "/", "é", "–", "ह", "👍", "\u0001").Array[min, max].Select(words => Quote(string.Concat(words)));

    private static Gen<string> Object(params (string Name, Gen<string> Value)[] fields)
    {
        var all = Gen.Const(ImmutableList<string>.Empty);
        foreach (var (name, value) in fields)
            all = Gen.Select(all, value, (list, text) => list.Add($"\"{name}\":{text}"));
        return all.Select(list => "{" + string.Join(',', list) + "}");
    }

    private static Gen<string> List(int min, int max, params (string Name, Gen<string> Value)[] fields) =>
        Object(fields).Array[min, max].Select(Join);

    /// <summary>A number, and a name just where the number is 0. The fields come in the order of the vectors.</summary>
    private static Gen<string> Named(string number, string name, params (string Name, Gen<string> Value)[] others)
    {
        var before = others.TakeWhile(field => field.Name is "seq" or "firstGeneration" or "firstSeq");
        var after = others.Skip(before.Count());
        return Gen.OneOf(
            Object([.. before, (number, NumberFromOne), (name, Gen.Const("\"\"")), .. after]),
            Object([.. before, (number, Gen.Const("0")), (name, Name), .. after]));
    }

    private static string Join(IEnumerable<string> items) => "[" + string.Join(',', items) + "]";

    private static string Number(ulong value) =>
        value < 1UL << 53 ? value.ToString(CultureInfo.InvariantCulture) : Quote(value.ToString(CultureInfo.InvariantCulture));

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private static string Hex(byte[] bytes) => Quote(Convert.ToHexStringLower(bytes));
}
