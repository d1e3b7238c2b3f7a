using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>
/// The rules that hold for every payload (holi.v1.md §3.1), whatever its type. They are checked before anything is read: MessagePack's own
/// reader throws on bad input, and an exception costs a thousand times what the bad bytes cost their sender.
/// </summary>
public static class PayloadRules
{
    /// <summary>
    /// True where <paramref name="payload"/> is one MessagePack array that keeps the rules, or nothing (which means an empty
    /// array). Never throws and allocates nothing; one pass over the bytes, plus the search for repeated map keys.
    /// </summary>
    public static bool Check(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsEmpty)
            return true;

        var keys = new MapKeys(stackalloc ulong[32]);
        var scan = new PayloadScan(payload, keys);
        var isArray = scan.IsAtArray;
        var kept = isArray && scan.TryValue(depth: 0) && scan.IsAtEnd;
        scan.Dispose();
        return kept;
    }
}
