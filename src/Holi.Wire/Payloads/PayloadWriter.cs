using System.Buffers;
using MessagePack;

namespace Holi.Wire.Payloads;

/// <summary>
/// Writes a payload (holi.v1.md §3.1), each number and length in its shortest form. Say the count of an array or map first, then
/// write that many values; call <see cref="Flush"/> at the end. It does not check limits: <see cref="PayloadRules.Check"/> and
/// the reader of the type do.
/// </summary>
public ref struct PayloadWriter(IBufferWriter<byte> output)
{
    private MessagePackWriter _writer = new(output);

    /// <summary>Begins an array of <paramref name="count"/> values.</summary>
    public void BeginArray(int count) => _writer.WriteArrayHeader(count);

    /// <summary>Begins a map of <paramref name="count"/> pairs; keys and values follow in turn.</summary>
    public void BeginMap(int count) => _writer.WriteMapHeader(count);

    /// <summary>Writes an integer.</summary>
    public void Whole(long value) => _writer.Write(value);

    /// <summary>Writes an integer, or nil.</summary>
    public void Whole(long? value)
    {
        if (value is { } known)
            _writer.Write(known);
        else
            _writer.WriteNil();
    }

    /// <summary>Writes a seq, offset or the like.</summary>
    public void Number(ulong value) => _writer.Write(value);

    /// <summary>Writes a seq, offset or the like, or nil.</summary>
    public void Number(ulong? value)
    {
        if (value is { } known)
            _writer.Write(known);
        else
            _writer.WriteNil();
    }

    /// <summary>Writes a boolean.</summary>
    public void Boolean(bool value) => _writer.Write(value);

    /// <summary>Writes a float of 64 bits.</summary>
    public void Real(double value) => _writer.Write(value);

    /// <summary>Writes text, or nil. Half a surrogate pair becomes U+FFFD, since no UTF-8 has it.</summary>
    public void Text(string? value) => _writer.Write(value);

    /// <summary>Writes text that is UTF-8 already.</summary>
    public void Text(ReadOnlySpan<byte> utf8) => _writer.WriteString(utf8);

    /// <summary>Writes bytes.</summary>
    public void Binary(ReadOnlySpan<byte> value) => _writer.Write(value);

    /// <summary>Writes nil: absent.</summary>
    public void Nil() => _writer.WriteNil();

    /// <summary>Writes one value that is MessagePack already.</summary>
    public void Raw(ReadOnlySpan<byte> value) => _writer.WriteRaw(value);

    /// <summary>Hands everything written to the output.</summary>
    public void Flush() => _writer.Flush();
}
