using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Commit;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Redis;

/// <summary>Has entries decided in the log, and then takes them out of the stream: what is published is gone, what cannot be is put aside.</summary>
internal sealed partial class EntryDecisions(RedisEntries redis, GatewayLimits limits, ILogger log)
{
    private readonly record struct Dead(Entry Entry, HoliCode Code, string Reason);

    /// <summary>All of them, in their order. Waits for room in the committer, and for the log as long as it takes.</summary>
    /// <exception cref="RedisFailedException">They are decided, and come again.</exception>
    public async Task DecideAsync(Backends backends, IReadOnlyList<Entry> batch, CancellationToken cancel)
    {
        var readings = batch.Select(entry => EntryReader.Read(entry.Fields, limits.PublicationBodyBytes)).ToList();
        var asked = readings.Select(reading => reading.Asked).OfType<Asked>().ToList();
        backends.Unreadable(PublicationRoads.Redis, readings.Count - asked.Count);
        var answers = await backends.PublishWhenPossibleAsync(asked, PublicationRoads.Redis, cancel).ConfigureAwait(false);
        var (done, dead, at) = (new List<Entry>(), new List<Dead>(), 0);
        for (var i = 0; i < batch.Count; i++)
        {
            if (readings[i].Refusal is { } refusal)
                dead.Add(new Dead(batch[i], refusal.Code, refusal.Detail));
            else if (answers[at++] is var answer && PublicationReasons.IsDone(answer, readings[i].Asked is AskedCancellation))
                done.Add(batch[i]);
            else
                dead.Add(new Dead(batch[i], answer.Code, PublicationReasons.Of(answer) ?? ""));
        }
        // First, so that there is room for the others.
        await redis.FinishAsync(done).ConfigureAwait(false);
        await redis.FinishAsync(await BuryAsync(dead).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // Those for which there was room: the others stay, and are looked at again.
    private async Task<List<Entry>> BuryAsync(List<Dead> dead)
    {
        var buried = new List<Entry>(dead.Count);
        foreach (var (entry, code, reason) in dead)
        {
            if (!await redis.TryBuryAsync(DeadEntry.Of(entry, code, reason, limits.RedisRoad)).ConfigureAwait(false))
                continue;
            buried.Add(entry);
            LogBuried((int)code);
        }
        return buried;
    }

    [LoggerMessage(232, LogLevel.Warning, "An entry of holi:publish was put aside with {Code}.")]
    private partial void LogBuried(int code);
}
