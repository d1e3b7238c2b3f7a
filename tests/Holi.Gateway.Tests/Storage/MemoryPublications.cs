using Holi.Gateway.Storage;

namespace Holi.Gateway.Tests.Storage;

/// <summary>The publications of a <see cref="MemoryLogStore"/>, in the order in which they were added.</summary>
internal sealed class MemoryPublications
{
    private readonly List<PublicationState> _rows = [];

    public void Load(BatchKeys keys, BatchState state)
    {
        foreach (var row in _rows.Where(r => keys.Publications.Contains(r.Key) || keys.Due.Contains(r.Key)))
            state.Publications.Add(row.Key, Copy(row));
    }

    public List<WaitingPublication> Waiting(int countMax) =>
    [
        .. _rows.Where(r => r.Scheduled is not null).OrderBy(r => r.Scheduled!.DueMs).Take(countMax)
            .Select(r => new WaitingPublication(r.Key, r.TopicName, r.Scheduled!.DueMs, r.Scheduled.Payload.Length)),
    ];

    public void Apply(BatchState state, BatchWrites writes)
    {
        foreach (var changed in state.Publications.Values.Where(p => p.Changed))
        {
            var index = _rows.FindIndex(r => r.Key == changed.Key);
            (index < 0).ShouldBe(changed.IsNew);
            if (changed.IsNew)
                _rows.Add(Copy(changed));
            else
                _rows[index] = Copy(changed);
        }
        var over = _rows.Where(r => r.DecidedMs < writes.ForgetDecidedBeforeMs).OrderBy(r => r.DecidedMs).Take(writes.ForgetMax).ToHashSet();
        _rows.RemoveAll(over.Contains);
    }

    private static PublicationState Copy(PublicationState p) => new()
    {
        Key = p.Key, Digest = p.Digest, TopicName = p.TopicName, Stage = p.Stage, Offset = p.Offset, Code = p.Code, DecidedMs = p.DecidedMs,
        Scheduled = p.Scheduled,
    };
}
