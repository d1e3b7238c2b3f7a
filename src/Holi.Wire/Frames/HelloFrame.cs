using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

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
    /// <summary>The device's digest at <see cref="Known"/> (§6.3).</summary>
    public CommandDigest Digest { get; init; }
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
    /// <summary>Which of the device's sockets this is, by its own count (§6.5); 0 where it does not count them.</summary>
    public ulong Opening { get; init; }

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out HelloFrame? frame, out Violation violation)
    {
        var reader = new PayloadReader(body);
        var read = new HelloFrame
        {
            Minor = (int)reader.Whole(0, int.MaxValue),
            Token = reader.Text(WireLimits.TokenBytesMax),
            Device = ReadDevice(ref reader),
            Generation = reader.Number32(),
            LastAssigned = reader.Number(),
            Known = reader.Number(),
            Digest = reader.Digest(),
            Backlog = reader.OptionalWhole(-1, long.MaxValue) ?? 0,
            Cursors = ReadCursors(ref reader),
            BulkCredit = reader.OptionalWhole(0, WireLimits.CreditBytesMax) ?? 0,
            AudioCredit = reader.OptionalWhole(0, WireLimits.CreditBytesMax) ?? 0,
            Client = reader.OptionalText(ClientBytesMax) ?? "",
            Opening = reader.OptionalNumber() ?? 0,
        };
        return reader.Finish("6.1", read, out frame, out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        var writer = new PayloadWriter(payload);
        writer.BeginArray(13);
        writer.Whole(Minor);
        writer.Text(Token);
        writer.Text(Device);
        writer.Whole(Generation);
        writer.Number(LastAssigned);
        writer.Number(Known);
        writer.Binary(Digest.ToBytes());
        writer.Whole(Backlog);
        writer.BeginArray(Cursors.Count);
        foreach (var cursor in Cursors)
        {
            writer.BeginArray(3);
            writer.Text(cursor.Name);
            writer.Number(cursor.Epoch);
            writer.Number(cursor.Offset);
        }
        writer.Whole(BulkCredit);
        writer.Whole(AudioCredit);
        writer.Text(Client);
        writer.Number(Opening);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Hello, payload);
    }

    /// <summary>The type's name alone: a record's usual text would show the token.</summary>
    public override string ToString() => nameof(HelloFrame);

    private static string ReadDevice(ref PayloadReader reader)
    {
        var device = reader.Text(WireLimits.IdCharsMax);
        reader.Require(TopicName.IsDevice(device));
        return device;
    }

    // The list grows with the cursors that are really there: this is read before the token is verified.
    private static List<TopicCursor> ReadCursors(ref PayloadReader reader)
    {
        var cursors = new List<TopicCursor>();
        if (reader.OptionalArray() is not { } count)
            return cursors;
        for (var i = 0; i < count && reader.IsValid; i++)
        {
            reader.BeginArray();
            cursors.Add(new(reader.Text(WireLimits.TopicNameBytesMax), reader.Number(), reader.Number()));
            reader.End();
        }
        reader.End();
        return cursors;
    }
}
