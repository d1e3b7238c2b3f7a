namespace Holi.EndToEnd.Rfc6455;

/// <summary>How the same bytes are handed to TCP.</summary>
public enum Chop
{
    /// <summary>All at once.</summary>
    Whole,

    /// <summary>Each frame by itself.</summary>
    Frames,

    /// <summary>Each byte by itself; of more than 2,000 bytes, 997 at a time, so that no boundary falls on one of theirs.</summary>
    Octets,
}

internal static class Chops
{
    private const int OctetsMax = 2_000, PieceBytes = 997;

    public static IEnumerable<byte[]> Of(byte[][] frames, Chop chop)
    {
        if (chop == Chop.Frames)
            return frames;
        byte[] all = [.. frames.SelectMany(f => f)];
        return chop == Chop.Whole ? [all] : all.Chunk(all.Length <= OctetsMax ? 1 : PieceBytes);
    }
}
