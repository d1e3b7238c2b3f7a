using System.Buffers;

namespace Holi.Wire;

/// <summary>One frame as it lies in its message: kind and body, not copied. Valid only as long as the message's buffer.</summary>
/// <param name="Kind">May be a kind this version does not know, if it has the optional bit.</param>
/// <param name="Body">At most <see cref="WireLimits.PartBytesMax"/> bytes, or <see cref="WireLimits.FrameBytesMax"/> from parts.</param>
/// <param name="WireBytes">Header and body: what the frame costs in credit.</param>
public readonly record struct Frame(FrameKind Kind, ReadOnlySequence<byte> Body, int WireBytes);
