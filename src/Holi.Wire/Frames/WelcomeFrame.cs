using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

namespace Holi.Wire.Frames;

/// <summary>What a gateway allows a connection (holi.v1.md §6.2, field 12).</summary>
/// <param name="CommandsInFlight">Commands beyond the last Commit.</param>
/// <param name="CommandBytesInFlight">Their bodies' bytes.</param>
/// <param name="FrameBytesMax">Bytes of a frame put together from parts.</param>
/// <param name="WatchedTopics">Topics watched at a time.</param>
/// <param name="FollowedTopics">Topics followed at a time.</param>
public sealed record WelcomeLimits(
    long CommandsInFlight, long CommandBytesInFlight, long FrameBytesMax, long WatchedTopics, long FollowedTopics);

/// <summary>The gateway's answer to Hello (holi.v1.md §6.2).</summary>
public sealed record WelcomeFrame
{
    /// <summary>The lower of both sides'.</summary>
    public int Minor { get; init; }
    /// <summary>The device's generation from now on.</summary>
    public uint Generation { get; init; }
    /// <summary>The last committed seq of that generation.</summary>
    public ulong Committed { get; init; }
    /// <summary>The gateway's digest at <see cref="Committed"/> (§6.3).</summary>
    public CommandDigest Digest { get; init; }
    /// <summary>The gateway's time.</summary>
    public long TimeMs { get; init; }
    /// <summary>What the times of this connection's events are relative to.</summary>
    public long TimeBaseMs { get; init; }
    /// <summary>A device sends something at least this often.</summary>
    public TimeSpan Heartbeat { get; init; }
    /// <summary>When the token expires.</summary>
    public long TokenExpiresMs { get; init; }
    /// <summary>Who the token says this is.</summary>
    public required string User { get; init; }
    /// <summary>How many Topic frames follow.</summary>
    public int Topics { get; init; }
    /// <summary>Credit for the bulk lane, in bytes.</summary>
    public long BulkCredit { get; init; }
    /// <summary>Credit for the audio lane, in bytes.</summary>
    public long AudioCredit { get; init; }
    /// <summary>What this connection may do.</summary>
    public required WelcomeLimits Limits { get; init; }
    /// <summary>Optional parts that the gateway speaks: <c>recordings</c>, <c>snapshots</c>.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out WelcomeFrame? frame, out Violation violation)
    {
        var reader = new PayloadReader(body);
        var read = new WelcomeFrame
        {
            Minor = (int)reader.Whole(0, int.MaxValue),
            Generation = reader.Number32(),
            Committed = reader.Number(),
            Digest = reader.Digest(),
            TimeMs = reader.Time(),
            TimeBaseMs = reader.Time(),
            Heartbeat = reader.Milliseconds(),
            TokenExpiresMs = reader.Time(),
            User = reader.User(),
            Topics = (int)reader.Whole(0, int.MaxValue),
            BulkCredit = reader.Credit(),
            AudioCredit = reader.Credit(),
            Limits = ReadLimits(ref reader),
            Features = ReadFeatures(ref reader),
        };
        return reader.Finish("6.2", read, out frame, out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        var writer = new PayloadWriter(payload);
        writer.BeginArray(14);
        writer.Whole(Minor);
        writer.Whole(Generation);
        writer.Number(Committed);
        writer.Binary(Digest.ToBytes());
        writer.Whole(TimeMs);
        writer.Whole(TimeBaseMs);
        writer.Number(FieldSize.WholeMilliseconds(Heartbeat));
        writer.Whole(TokenExpiresMs);
        writer.Text(User);
        writer.Whole(Topics);
        writer.Whole(BulkCredit);
        writer.Whole(AudioCredit);
        writer.BeginArray(5);
        writer.Whole(Limits.CommandsInFlight);
        writer.Whole(Limits.CommandBytesInFlight);
        writer.Whole(Limits.FrameBytesMax);
        writer.Whole(Limits.WatchedTopics);
        writer.Whole(Limits.FollowedTopics);
        writer.BeginArray(Features.Count);
        foreach (var feature in Features)
            writer.Text(feature);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Welcome, payload);
    }

    private static WelcomeLimits ReadLimits(ref PayloadReader reader)
    {
        const long max = long.MaxValue;
        reader.BeginArray();
        var limits = new WelcomeLimits(
            reader.Whole(0, max), reader.Whole(0, max), reader.Whole(0, max), reader.Whole(0, max), reader.Whole(0, max));
        reader.End();
        return limits;
    }

    private static List<string> ReadFeatures(ref PayloadReader reader)
    {
        var features = new List<string>();
        if (reader.OptionalArray() is not { } count)
            return features;
        for (var i = 0; i < count && reader.IsValid; i++)
            features.Add(reader.Text(WireLimits.IdCharsMax));
        reader.End();
        return features;
    }
}
