using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace Holi.Wire.Frames;

/// <summary>What a device holds of a topic.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Epoch">The epoch its events belong to.</param>
/// <param name="Offset">The last offset it has stored.</param>
public sealed record TopicCursor(string Name, ulong Epoch, ulong Offset);

/// <summary>The first frame of a connection, from the device (holi.v1.md §6.1). Holds a token: not to be logged.</summary>
public sealed record HelloFrame
{
    private const int ClientBytesMax = 64;

    /// <summary>0 for this version.</summary>
    public int Minor { get; init; }
    /// <summary>A JWT.</summary>
    public required string Token { get; init; }
    /// <summary>1–64 of <c>[A-Za-z0-9_-]</c>, chosen by the device.</summary>
    public required string Device { get; init; }
    /// <summary>The device's generation; 0 asks for a new one.</summary>
    public uint Generation { get; init; }
    /// <summary>The highest seq assigned in this generation.</summary>
    public ulong LastAssigned { get; init; }
    /// <summary>The highest seq known to be committed.</summary>
    public ulong Known { get; init; }
    /// <summary>The device's digest at <see cref="Known"/>: 16 bytes (§6.3).</summary>
    public ReadOnlyMemory<byte> Digest { get; init; } = new byte[WireLimits.DigestBytes];
    /// <summary>For topics without a cursor: how many of their newest events it wants; −1: none until Follow.</summary>
    public long Backlog { get; init; }
    /// <summary>What the device holds.</summary>
    public IReadOnlyList<TopicCursor> Cursors { get; init; } = [];
    /// <summary>Credit for the bulk lane, in bytes.</summary>
    public long BulkCredit { get; init; }
    /// <summary>Credit for the audio lane, in bytes.</summary>
    public long AudioCredit { get; init; }
    /// <summary>Software and version, for the operator.</summary>
    public string Client { get; init; } = "";

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out HelloFrame? frame, out Violation violation)
    {
        var fields = new FramePayload(body, "6.1");
        frame = new()
        {
            Minor = (int)fields.Int(0, int.MaxValue),
            Token = fields.Text(WireLimits.TokenBytesMax),
            Device = ReadDevice(ref fields),
            Generation = fields.Number(),
            LastAssigned = fields.Count(),
            Known = fields.Count(),
            Digest = fields.Binary(WireLimits.DigestBytes),
            Backlog = fields.IntOr(0, -1, long.MaxValue),
            Cursors = ReadCursors(ref fields),
            BulkCredit = fields.IntOr(0, 0, WireLimits.CreditBytesMax),
            AudioCredit = fields.IntOr(0, 0, WireLimits.CreditBytesMax),
            Client = fields.TextOrNil(ClientBytesMax) ?? "",
        };
        if (!fields.End(out violation))
            frame = null;
        return frame is not null;
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(payload);
        writer.WriteArrayHeader(12);
        writer.Write(Minor);
        writer.Write(Token);
        writer.Write(Device);
        writer.Write(Generation);
        writer.Write(LastAssigned);
        writer.Write(Known);
        writer.Write(Digest.Span);
        writer.Write(Backlog);
        writer.WriteArrayHeader(Cursors.Count);
        foreach (var cursor in Cursors)
        {
            writer.WriteArrayHeader(3);
            writer.Write(cursor.Name);
            writer.Write(cursor.Epoch);
            writer.Write(cursor.Offset);
        }
        writer.Write(BulkCredit);
        writer.Write(AudioCredit);
        writer.Write(Client);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Hello, payload);
    }

    /// <summary>The type's name alone: a record's usual text would show the token.</summary>
    public override string ToString() => nameof(HelloFrame);

    private static string ReadDevice(ref FramePayload fields)
    {
        var device = fields.Text(WireLimits.IdCharsMax);
        if (device.Length == 0 || device.AsSpan().ContainsAnyExcept(DeviceChars))
            fields.Fail();
        return device;
    }

    private static List<TopicCursor> ReadCursors(ref FramePayload fields)
    {
        var outside = fields.Enter();
        var cursors = new List<TopicCursor>();
        while (fields.Left > 0)
        {
            var row = fields.Enter();
            cursors.Add(new(fields.Text(WireLimits.TopicNameBytesMax), fields.Count(), fields.Count()));
            fields.Leave(row);
        }
        fields.Leave(outside);
        return cursors;
    }

    private static readonly SearchValues<char> DeviceChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
}
