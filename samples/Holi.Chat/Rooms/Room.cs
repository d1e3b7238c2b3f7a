using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Holi.Client;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Chat.Rooms;

/// <summary>Which conversation, and how one gets into it.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Title">Its title for a room; null for two people.</param>
/// <param name="Partners">Who is to be in it besides the user.</param>
internal sealed record Room(Conversation Conversation, string? Title, IReadOnlyList<string> Partners)
{
    public static Room Of(ChatOptions options, HoliClient client)
    {
        var partners = options.PartnersOf(client.User);
        return options.RoomId is { } id
            ? new Room(client.Conversation(id), id, partners)
            : new Room(client.Conversation(PairId(client.User, partners[0])), null, partners);
    }

    /// <summary>
    /// Two people come to the same id without having talked. Whoever's command comes first makes the conversation with both in it, and the other's
    /// is refused as a conflict, which is as good: so either may begin, offline too. The price is that anybody can work the id out and take it
    /// first; where people may be strangers, the app's own server makes the conversation, or <see cref="HoliClient.CreateConversationAsync"/>
    /// does with an id that nobody can know.
    /// </summary>
    public static string PairId(string one, string other)
    {
        var pair = string.CompareOrdinal(one, other) < 0 ? $"{one}\n{other}" : $"{other}\n{one}";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(pair)).AsSpan(0, 16));
    }

    /// <summary>Makes the conversation unless this device knows it. Returns what to tell the person; null: nothing.</summary>
    public async Task<string?> EnterAsync(CancellationToken cancellation)
    {
        if (Conversation.Summary is { } known)
            return known.IsGone ? "You no longer belong here; what you had you can still read." : null;
        var create = await Conversation.CreateAsync(Title, Partners.Select(p => new NewMember(p, MemberRole.Member)), cancellation);
        try
        {
            await create.Committed.WaitAsync(cancellation);
            return null;
        }
        catch (CommandRefusedException e) when (e.Code == HoliCode.Conflict)
        {
            return null; // The other was first.
        }
        catch (CommandRefusedException e) when (e.Code == HoliCode.NotFound)
        {
            return "This room is others'. Ask somebody in it to type: /add and your name.";
        }
    }
}
