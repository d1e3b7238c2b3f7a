using System.Buffers;

namespace Holi.Client.Engine;

/// <summary>Copies a payload out of its message. An absent one is an empty array (holi.v1.md §3).</summary>
internal static class PayloadBytes
{
    private static readonly byte[] EmptyArray = [0x90];

    public static byte[] Of(in ReadOnlySequence<byte> payload) => payload.IsEmpty ? EmptyArray : payload.ToArray();
}
