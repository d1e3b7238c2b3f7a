using Holi.Gateway.Auth;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>A member of a topic types, or stopped.</summary>
/// <param name="TopicId">The log's key.</param>
/// <param name="Head">How far the topic was published where they type: whoever has not come so far may not have heard who left.</param>
/// <param name="Member">Who.</param>
/// <param name="On">Types.</param>
internal readonly record struct TypingMessage(long TopicId, ulong Head, uint Member, bool On)
{
    public static bool TryRead(ReadOnlySpan<byte> body, out TypingMessage message)
    {
        var reader = new MessageReader(body);
        message = new TypingMessage(
            (long)reader.Number(), reader.Number(), (uint)reader.Number(uint.MaxValue), reader.Number(1) == 1);
        return !reader.IsBad;
    }

    public void Write(MessageWriter writer, NodeId origin)
    {
        writer.Begin(MessageKind.Typing, origin);
        writer.Number((ulong)TopicId);
        writer.Number(Head);
        writer.Number(Member);
        writer.Number(On ? 1ul : 0);
    }
}

/// <summary>Devices that were opened, and the fence that each has since: pairs until the end.</summary>
internal static class FencesMessage
{
    public static bool TryReadNext(ref MessageReader reader, out (long DeviceId, ulong Fence) opened)
    {
        opened = default;
        if (!reader.HasMore)
            return false;
        opened = ((long)reader.Number(), reader.Number());
        return !reader.IsBad;
    }

    public static void Add(MessageWriter writer, long deviceId, ulong fence)
    {
        writer.Number((ulong)deviceId);
        writer.Number(fence);
    }
}

/// <summary>Tokens that no longer count: pairs of id and expiry until the end.</summary>
internal static class RevokedMessage
{
    // Of one UTF-16 character.
    private const int Utf8BytesMax = 3;

    public static bool TryReadNext(ref MessageReader reader, out RevokedToken token)
    {
        token = default;
        if (!reader.HasMore)
            return false;
        token = new RevokedToken(reader.Text(Utf8BytesMax * RevokedTokens.TokenIdCharsMax), (long)reader.Number());
        return !reader.IsBad;
    }

    public static void Add(MessageWriter writer, RevokedToken token)
    {
        writer.Text(token.TokenId);
        writer.Number((ulong)Math.Max(0, token.ExpiresMs));
    }
}
