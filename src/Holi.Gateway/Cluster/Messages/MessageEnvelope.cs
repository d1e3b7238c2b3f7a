namespace Holi.Gateway.Cluster.Messages;

/// <summary>What gateways say to each other. A number never means something else; a kind that a gateway does not know it skips.</summary>
internal enum MessageKind : byte
{
    /// <summary>Topics moved. <see cref="Wakeup"/>.</summary>
    Wakeup = 1,
    /// <summary>A member types. <see cref="TypingMessage"/>.</summary>
    Typing = 2,
    /// <summary>Devices were opened. <see cref="FencesMessage"/>.</summary>
    Fences = 3,
    /// <summary>Tokens were revoked. <see cref="RevokedMessage"/>.</summary>
    Revoked = 4,
    /// <summary>Who came to, and went from, a gateway; or only that it is there. <see cref="RollNews"/>.</summary>
    RollNews = 5,
    /// <summary>A part of everybody who is at a gateway. <see cref="RollPage"/>.</summary>
    RollPage = 6,
    /// <summary>A gateway asks another for its whole roll and what it knows to be revoked.</summary>
    Ask = 7,
    /// <summary>A gateway is about to end.</summary>
    Farewell = 8,
}

/// <summary>
/// The front of every message: <c>u8 version, u8 kind, 8 bytes origin, 8 bytes epoch</c>. Fields that a later version adds stand behind those known and are
/// ignored, so that gateways of two versions understand each other while one replaces the other.
/// </summary>
internal readonly ref struct MessageEnvelope(MessageKind kind, NodeId origin, ReadOnlySpan<byte> body)
{
    public const byte Version = 1;

    private const int HeaderBytes = 18;

    public MessageKind Kind => kind;

    public NodeId Origin => origin;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>False for what is no message of this version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, int bytesMax, out MessageEnvelope envelope)
    {
        envelope = default;
        if (message.Length < HeaderBytes || message.Length > bytesMax || message[0] != Version)
            return false;
        var reader = new MessageReader(message[1..]);
        envelope = new MessageEnvelope((MessageKind)reader.U8(), new NodeId(reader.Fixed64(), reader.Fixed64()), message[HeaderBytes..]);
        return true;
    }
}
