namespace Holi.EndToEnd.Rfc6455;

/// <summary>
/// One case: what a peer sends on an open connection, and what must come back. Numbers below 10 with the same last parts are those of the
/// Autobahn suite where it has the same case; what Holi adds is numbered on from there.
/// </summary>
/// <param name="Number">Group, then case.</param>
/// <param name="Section">Of RFC 6455, unless it says of what.</param>
/// <param name="What">For people.</param>
/// <param name="Sends">The bytes, frame by frame.</param>
/// <param name="Ends">The status with which the gateway closes: first, or in answer to the peer's close.</param>
internal sealed record WireCase(string Number, string Section, string What, byte[][] Sends, int Ends)
{
    /// <summary><see cref="Ends"/> of a connection that is as open afterwards as before.</summary>
    public const int Open = 0;

    /// <summary><see cref="Ends"/> of one that the gateway ends without a word, since nobody is there to hear it.</summary>
    public const int Cut = -1;

    /// <summary>How many of <see cref="Sent.Asks"/> are answered: the first ones, in order.</summary>
    public int Answers { get; init; }

    /// <summary>Payloads of the pings that are answered, in order, as text or as <c>0x…</c>: the last one surely, the others unless one pong answers several.</summary>
    public string[] Pongs { get; init; } = [];

    /// <summary>What the peer sends once it has the gateway's close.</summary>
    public byte[][] Then { get; init; } = [];

    /// <summary>True where the peer ends its half of the TCP connection once it has the answers and pongs above, or the gateway's close.</summary>
    public bool HalfCloses { get; init; }

    public override string ToString() => $"{Number}, §{Section}: {What}; closes with {Ends}";
}
