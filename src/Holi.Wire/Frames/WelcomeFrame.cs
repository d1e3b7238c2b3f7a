using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

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
    /// <summary>The gateway's digest at <see cref="Committed"/>: 16 bytes (§6.3).</summary>
    public ReadOnlyMemory<byte> Digest { get; init; } = new byte[WireLimits.DigestBytes];
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
        var fields = new FramePayload(body, "6.2");
        frame = new()
        {
            Minor = (int)fields.Int(0, int.MaxValue),
            Generation = fields.Number(),
            Committed = fields.Count(),
            Digest = fields.Binary(WireLimits.DigestBytes),
            TimeMs = fields.TimeMs(),
            TimeBaseMs = fields.TimeMs(),
            Heartbeat = TimeSpan.FromMilliseconds(fields.Number()),
            TokenExpiresMs = fields.TimeMs(),
            User = fields.Text(WireLimits.IdCharsMax),
            Topics = (int)fields.Int(0, int.MaxValue),
            BulkCredit = fields.IntOr(0, 0, WireLimits.CreditBytesMax),
            AudioCredit = fields.IntOr(0, 0, WireLimits.CreditBytesMax),
            Limits = ReadLimits(ref fields),
            Features = ReadFeatures(ref fields),
        };
        if (!fields.End(out violation))
            frame = null;
        return frame is not null;
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(payload);
        writer.WriteArrayHeader(14);
        writer.Write(Minor);
        writer.Write(Generation);
        writer.Write(Committed);
        writer.Write(Digest.Span);
        writer.Write(TimeMs);
        writer.Write(TimeBaseMs);
        writer.Write(FieldSize.WholeMilliseconds(Heartbeat));
        writer.Write(TokenExpiresMs);
        writer.Write(User);
        writer.Write(Topics);
        writer.Write(BulkCredit);
        writer.Write(AudioCredit);
        writer.WriteArrayHeader(5);
        writer.Write(Limits.CommandsInFlight);
        writer.Write(Limits.CommandBytesInFlight);
        writer.Write(Limits.FrameBytesMax);
        writer.Write(Limits.WatchedTopics);
        writer.Write(Limits.FollowedTopics);
        writer.WriteArrayHeader(Features.Count);
        foreach (var feature in Features)
            writer.Write(feature);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Welcome, payload);
    }

    private static WelcomeLimits ReadLimits(ref FramePayload fields)
    {
        const long max = long.MaxValue;
        var outside = fields.Enter();
        var limits = new WelcomeLimits(
            fields.Int(0, max), fields.Int(0, max), fields.Int(0, max), fields.Int(0, max), fields.Int(0, max));
        fields.Leave(outside);
        return limits;
    }

    private static List<string> ReadFeatures(ref FramePayload fields)
    {
        var outside = fields.Enter();
        var features = new List<string>();
        while (fields.Left > 0)
            features.Add(fields.Text(WireLimits.IdCharsMax));
        fields.Leave(outside);
        return features;
    }
}
