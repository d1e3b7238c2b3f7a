using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>Who is to be a member of a new conversation, and as what.</summary>
public sealed record NewMember(string User, MemberRole Role);

/// <summary>conversation.create (holi.v1.md §8.8). The topic that the command names is the conversation's.</summary>
/// <param name="Title">At most <see cref="WireLimits.TitleBytesMax"/> bytes.</param>
/// <param name="Members">At most <see cref="WireLimits.MembersMax"/>; whoever creates it becomes its owner, named or not.</param>
public sealed record ConversationCreate(string? Title, IReadOnlyList<NewMember> Members) : IPayload<ConversationCreate>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out ConversationCreate value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new ConversationCreate(reader.OptionalText(WireLimits.TitleBytesMax), ReadMembers(ref reader)), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Text(Title);
        writer.BeginArray(Members.Count);
        foreach (var member in Members)
        {
            writer.BeginArray(2);
            writer.Text(member.User);
            writer.Whole((long)member.Role);
        }
        writer.Flush();
    }

    private static NewMember[] ReadMembers(ref PayloadReader reader)
    {
        if (reader.OptionalArray(WireLimits.MembersMax) is not { } count)
            return [];
        var members = new NewMember[count];
        for (var i = 0; i < count; i++)
        {
            reader.BeginArray();
            members[i] = new NewMember(reader.User(), reader.Role());
            reader.End();
        }
        reader.End();
        return members;
    }
}
