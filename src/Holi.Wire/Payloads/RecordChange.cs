using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>One field of a record and what it holds.</summary>
/// <param name="Name">1 to <see cref="PayloadLimits.IdBytesMax"/> bytes; no two fields of a change have the same.</param>
/// <param name="Value">Any value; nil empties the field.</param>
public sealed record RecordField(string Name, PayloadValue Value);

/// <summary>record.change (holi.v1.md §8.8 and §10.2).</summary>
/// <param name="Record">The kind of record: 1–64 of <c>[A-Za-z0-9_-]</c>.</param>
/// <param name="Id">Which record of that kind: 1–64 of <c>[A-Za-z0-9_-]</c>.</param>
/// <param name="Version">In a command the version it is based on, 0 for a new record; in an event the version it made.</param>
/// <param name="Fields">Those that changed: 1 to <see cref="PayloadLimits.RecordFieldsMax"/>.</param>
public sealed record RecordChange(string Record, string Id, ulong Version, IReadOnlyList<RecordField> Fields) : IPayload<RecordChange>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out RecordChange value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new RecordChange(reader.Id(), reader.Id(), reader.Number(), ReadFields(ref reader)), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(4);
        writer.Text(Record);
        writer.Text(Id);
        writer.Number(Version);
        writer.BeginMap(Fields.Count);
        foreach (var field in Fields)
        {
            writer.Text(field.Name);
            writer.Raw(field.Value.Encoded.Span);
        }
        writer.Flush();
    }

    private static RecordField[] ReadFields(ref PayloadReader reader)
    {
        var fields = new RecordField[reader.BeginMap(PayloadLimits.RecordFieldsMax)];
        reader.Require(fields.Length > 0);
        for (var i = 0; i < fields.Length && reader.IsValid; i++)
        {
            var name = reader.Text(PayloadLimits.IdBytesMax, bytesMin: 1);
            fields[i] = new RecordField(name, PayloadValue.Checked(reader.Raw()));
        }
        reader.End();
        return fields;
    }
}
