using Holi.Gateway.Ingress.Redis;
using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>
/// The stream that backends add to, as one gateway at a time consumes it (backends.md §8). It has a connection of its own, because its read blocks
/// there until something comes: on a shared one everybody would wait behind it. One call at a time; each ends in bounded time, or fails with
/// <see cref="RedisFailedException"/>.
/// </summary>
internal sealed class RedisEntries(RedisOptions options, RoadLimits limits, TimeProvider time) : IAsyncDisposable
{
    private static readonly RedisKey Stream = "holi:publish", Dead = "holi:publish:dead", Turn = "holi:publish:turn";
    private static readonly RedisValue Group = "holi";
    // All gateways are one consumer: whose turn it is finds what the one before had taken and leaves no name of its own behind.
    private static readonly RedisValue Consumer = "gateways";
    private static readonly RedisValue Beginning = "0-0";

    private readonly RedisValue _node = Guid.NewGuid().ToString("N");
    private ConnectionMultiplexer? _client;

    /// <summary>True where it is this gateway's turn, for <see cref="RoadLimits.Turn"/> from now.</summary>
    public async Task<bool> TakeTurnAsync()
    {
        var database = await ConnectedAsync().ConfigureAwait(false);
        var holder = await CallAsync(() => database.StringGetAsync(Turn)).ConfigureAwait(false);
        // Not one step, nor need it be: two that believe it to be their turn do no harm.
        if (holder == _node && await ExpireTurnAsync(database, limits.Turn).ConfigureAwait(false))
            return true;
        if (!holder.IsNull && holder != _node)
            return false;
        try
        {
            return await CallAsync(() => database.StringSetAsync(Turn, _node, limits.Turn, When.NotExists)).ConfigureAwait(false);
        }
        catch (RedisFailedException full) when (full.Word == RedisFailedException.NoMemory)
        {
            // Its memory is full of what nobody fetches: then whoever can must.
            return true;
        }
    }

    /// <summary>Lets others have it.</summary>
    public async Task EndTurnAsync()
    {
        if (_client is not { } client)
            return;
        var database = client.GetDatabase();
        if (await CallAsync(() => database.StringGetAsync(Turn)).ConfigureAwait(false) == _node)
            await ExpireTurnAsync(database, TimeSpan.Zero).ConfigureAwait(false);
    }

    /// <summary>Makes the group, and the stream, if they are not there. Everything that is in the stream is for the group.</summary>
    public async Task MakeGroupAsync()
    {
        var database = await ConnectedAsync().ConfigureAwait(false);
        try
        {
            await CallAsync(() => database.StreamCreateConsumerGroupAsync(Stream, Group, Beginning, createStream: true)).ConfigureAwait(false);
        }
        catch (RedisFailedException e) when (e.Word == RedisFailedException.GroupExists)
        {
            // It is there.
        }
    }

    /// <summary>Entries that were taken and not finished, by whomever, oldest first, and where to go on; null where those were the last.</summary>
    public async Task<(IReadOnlyList<Entry> Entries, string? Next)> ClaimAsync(string? from, int entriesMax)
    {
        var database = await ConnectedAsync().ConfigureAwait(false);
        var claimed = await CallAsync(() => database.StreamAutoClaimAsync(
            Stream, Group, Consumer, 0, from is null ? Beginning : from, entriesMax)).ConfigureAwait(false);
        var next = claimed.NextStartId == Beginning ? null : (string?)claimed.NextStartId;
        return ([.. claimed.ClaimedEntries.Where(e => !e.IsNull).Select(e => new Entry(e.Id!, [.. e.Values.Select(Field)]))], next);

        static EntryField Field(NameValueEntry field) => new((byte[])field.Name!, (byte[])field.Value!);
    }

    /// <summary>
    /// The next entries, waiting a moment for one where there is none; and the first of all that were taken and not finished, of which these are some.
    /// </summary>
    public async Task<(IReadOnlyList<Entry> Entries, EntryId Unfinished)> ReadAsync(int entriesMax)
    {
        var database = await ConnectedAsync().ConfigureAwait(false);
        return await CallAsync(async () =>
        {
            var reading = database.ExecuteAsync(
                "XREADGROUP", "GROUP", Group, Consumer, "COUNT", entriesMax, "BLOCK", (long)limits.Block.TotalMilliseconds, "STREAMS", Stream, ">");
            // Answered right behind it: on one connection one command comes after the other.
            var pending = database.StreamPendingAsync(Stream, Group);
            await Task.WhenAll(reading, pending).ConfigureAwait(false);
            var answer = await reading.ConfigureAwait(false);
            // [[stream, [[id, [name, value, …]], …]]], or nil.
            IReadOnlyList<Entry> entries = answer.IsNull || answer.Length == 0 ? [] : [.. ((RedisResult[])answer[0][1]!).Select(Read)];
            return (entries, EntryId.Parse((string?)(await pending.ConfigureAwait(false)).LowestPendingMessageId ?? ""));
        }).ConfigureAwait(false);

        static Entry Read(RedisResult entry)
        {
            var texts = (byte[][])entry[1]!;
            var fields = new EntryField[texts.Length / 2];
            for (var i = 0; i < fields.Length; i++)
                fields[i] = new EntryField(texts[2 * i], texts[(2 * i) + 1]);
            return new Entry((string)entry[0]!, fields);
        }
    }

    /// <summary>These are finished: they leave the stream.</summary>
    public async Task FinishAsync(IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 0)
            return;
        var database = await ConnectedAsync().ConfigureAwait(false);
        RedisValue[] ids = [.. entries.Select(e => (RedisValue)e.Id)];
        await CallAsync(async () =>
        {
            var acknowledged = database.StreamAcknowledgeAsync(Stream, Group, ids);
            var deleted = database.StreamDeleteAsync(Stream, ids);
            await Task.WhenAll(acknowledged, deleted).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>Puts fields at the end of the stream of what cannot be published. False where there is no memory for them now.</summary>
    public async Task<bool> TryBuryAsync(IEnumerable<EntryField> fields)
    {
        var database = await ConnectedAsync().ConfigureAwait(false);
        NameValueEntry[] values = [.. fields.Select(f => new NameValueEntry(f.Name, f.Value))];
        try
        {
            await CallAsync(() => database.StreamAddAsync(Dead, values, maxLength: limits.DeadEntries, useApproximateMaxLength: true)).ConfigureAwait(false);
            return true;
        }
        catch (RedisFailedException full) when (full.Word == RedisFailedException.NoMemory)
        {
            return false;
        }
    }

    /// <summary>Throws the connection away; the next call makes another.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is not { } client)
            return;
        try
        {
            await client.CloseAsync(allowCommandsToComplete: false).WaitAsync(options.CallTimeout, time).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailedException.Is(e))
        {
            // It is nobody's any more.
        }
    }

    private async ValueTask<IDatabase> ConnectedAsync()
    {
        if (_client is null)
        {
            var settings = options.ToClient("holi-publish");
            // Answers are arrays then, as they are read above.
            settings.Protocol = RedisProtocol.Resp2;
            _client = await CallAsync(() => ConnectionMultiplexer.ConnectAsync(settings), options.ConnectTimeout).ConfigureAwait(false);
        }
        return _client.GetDatabase();
    }

    private async Task<bool> ExpireTurnAsync(IDatabase database, TimeSpan after) =>
        (bool)await CallAsync(() => database.ExecuteAsync("PEXPIRE", Turn, (long)after.TotalMilliseconds)).ConfigureAwait(false);

    private Task<T> CallAsync<T>(Func<Task<T>> call) => CallAsync(call, TimeSpan.Zero);

    // The client has a timeout of its own, which it looks at every second; beyond both nothing is waited for.
    private async Task<T> CallAsync<T>(Func<Task<T>> call, TimeSpan more)
    {
        try
        {
            return await call().WaitAsync((2 * options.CallTimeout) + more, time).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailedException.Is(e))
        {
            throw new RedisFailedException(e);
        }
    }
}
