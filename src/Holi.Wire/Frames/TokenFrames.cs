using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

namespace Holi.Wire.Frames;

/// <summary>A newer token for the same user and tenant (holi.v1.md §11.2). Holds a token: not to be logged.</summary>
public sealed record TokenFrame(string Token)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out TokenFrame? frame, out Violation violation)
    {
        var reader = new PayloadReader(body);
        return reader.Finish("11.2", new TokenFrame(reader.Text(WireLimits.TokenBytesMax)), out frame, out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        var writer = new PayloadWriter(payload);
        writer.BeginArray(1);
        writer.Text(Token);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Token, payload);
    }

    /// <summary>The type's name alone: a record's usual text would show the token.</summary>
    public override string ToString() => nameof(TokenFrame);
}

/// <summary>The gateway took the token (holi.v1.md §11.2).</summary>
/// <param name="ExpiresMs">When it expires.</param>
public readonly record struct TokenAcceptedFrame(long ExpiresMs)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out TokenAcceptedFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "11.2");
        frame = new(fields.TimeMs());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.TokenAccepted, FieldSize.TimeMs(ExpiresMs));
        fields.TimeMs(ExpiresMs);
        fields.End();
    }
}
