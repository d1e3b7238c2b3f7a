namespace Holi.Wire;

/// <summary>The protocol's own limits (holi.v1.md §13). What a deployment may choose lives in the gateway's limits.</summary>
public static class WireLimits
{
    /// <summary>Bytes of one WebSocket message.</summary>
    public const int MessageBytesMax = 65_536;
    /// <summary>Bytes of the body of one frame or part: two seconds at 64 kbit/s.</summary>
    public const int PartBytesMax = 16_384;
    /// <summary>Bytes of a frame put together from parts.</summary>
    public const int FrameBytesMax = 262_144;
    /// <summary>Bytes of a Hello: what an unauthenticated connection may cost.</summary>
    public const int HelloBytesMax = 16_384;
    /// <summary>Bytes of a token.</summary>
    public const int TokenBytesMax = 8_192;
    /// <summary>Bytes of a topic's name.</summary>
    public const int TopicNameBytesMax = 128;
    /// <summary>Characters of an id or user in a topic's name, and of a device id.</summary>
    public const int IdCharsMax = 64;
    /// <summary>Bytes of a chat message's text.</summary>
    public const int TextBytesMax = 65_536;
    /// <summary>Bytes of a conversation's title.</summary>
    public const int TitleBytesMax = 256;
    /// <summary>Bytes of a reaction's emoji.</summary>
    public const int EmojiBytesMax = 64;
    /// <summary>Nesting of a payload.</summary>
    public const int PayloadDepthMax = 16;
    /// <summary>Events in one history page.</summary>
    public const int HistoryEventsMax = 500;
    /// <summary>Members of a conversation.</summary>
    public const int MembersMax = 1_000;
    /// <summary>Accumulated credit of a lane, in bytes.</summary>
    public const long CreditBytesMax = 1L << 31;
    /// <summary>Of this many frames sent while bulk is waiting with credit, at least one is bulk.</summary>
    public const int BulkFloorFrames = 16;
    /// <summary>Generations from here on are a device's own, for what it queues before a gateway has given it one (§6.4); no gateway gives them.</summary>
    public const uint OwnGenerationMin = 0xF000_0000;
    /// <summary>Bytes of a digest.</summary>
    public const int DigestBytes = 16;
    /// <summary>How long a gateway waits for Hello.</summary>
    public static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);
}
