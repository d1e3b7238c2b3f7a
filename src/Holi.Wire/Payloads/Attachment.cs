namespace Holi.Wire.Payloads;

/// <summary>What hangs on a message (holi.v1.md §8.8). The bytes themselves travel elsewhere.</summary>
/// <param name="Id">Where to fetch it; 1 to <see cref="PayloadLimits.AttachmentIdBytesMax"/> bytes.</param>
/// <param name="MediaType">Such as <c>image/png</c>; 1 to <see cref="PayloadLimits.MediaTypeBytesMax"/> bytes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Name">A file name to show, at most <see cref="PayloadLimits.FileNameBytesMax"/> bytes. Never a path to write to.</param>
public sealed record Attachment(string Id, string MediaType, ulong Bytes, string? Name)
{
    internal static Attachment Read(ref PayloadReader reader)
    {
        reader.BeginArray();
        var attachment = new Attachment(
            reader.Text(PayloadLimits.AttachmentIdBytesMax, bytesMin: 1),
            reader.Text(PayloadLimits.MediaTypeBytesMax, bytesMin: 1),
            reader.Number(),
            reader.OptionalText(PayloadLimits.FileNameBytesMax));
        reader.End();
        return attachment;
    }

    // The same rules as Read, keeping nothing.
    internal static void Check(ref PayloadReader reader)
    {
        reader.BeginArray();
        reader.TextBytes(PayloadLimits.AttachmentIdBytesMax, bytesMin: 1);
        reader.TextBytes(PayloadLimits.MediaTypeBytesMax, bytesMin: 1);
        reader.Number();
        reader.OptionalTextBytes(PayloadLimits.FileNameBytesMax);
        reader.End();
    }

    internal void Write(ref PayloadWriter writer)
    {
        writer.BeginArray(Name is null ? 3 : 4);
        writer.Text(Id);
        writer.Text(MediaType);
        writer.Number(Bytes);
        if (Name is not null)
            writer.Text(Name);
    }
}
