using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

namespace Holi.Client.Store;

/// <summary>A topic as it lies in the file: its number there, what is known of it, and how many events are stored, so that missing ones are noticed.</summary>
internal sealed record TopicRow(long Number, ReplicaTopic Topic, ulong Stored)
{
    public void Write(ContentWriter content, ulong commit)
    {
        content.Start().Number(commit).Number(Stored).Text(Topic.Name).Number(Topic.Epoch).Number(Topic.Cursor).Number(Topic.Head).Number(Topic.First)
            .Number(Topic.Read).Number((ulong)Topic.Role).Number(Topic.Member).Number(Topic.Title is null ? 0u : 1).Text(Topic.Title ?? "")
            .Number((ulong)Topic.Members).Number(Topic.CompleteThrough).Time(Topic.CompleteAtMs).Number(Topic.Gone ? 1u : 0);
    }

    public static bool TryRead(long number, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TopicRow? row, out ulong commit)
    {
        var content = new ContentReader(bytes);
        commit = content.Number();
        var stored = content.Number();
        row = new TopicRow(number, new ReplicaTopic(
            content.Text(), content.Number(), content.Number(), content.Number(), content.Number(),
            content.Number(), (MemberRole)content.Number(), (uint)content.Number(), Title(ref content),
            (int)content.Number(), content.Number(), content.Time(), content.Number() == 1), stored);
        return !content.Failed;
    }

    private static string? Title(ref ContentReader content)
    {
        var has = content.Number() == 1;
        var title = content.Text();
        return has ? title : null;
    }
}
