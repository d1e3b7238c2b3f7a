using Holi.Gateway.Auth;
using Holi.Wire.Frames;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// The log on Postgres, for any number of gateways. A batch is two round trips on one connection of its own: begin, lock and load; write and
/// commit. Reads go through a bounded pool beside it. Every call ends in bounded time.
/// </summary>
public sealed class PostgresLogStore : ILogStore
{
    private readonly PostgresOptions _options;
    private readonly TimeProvider _time;
    private readonly PostgresSources _sources;
    private readonly PostgresCall _call;
    private readonly PostgresReader _reader;
    private PostgresMarker? _marker;
    private PostgresLife? _life;
    private PostgresWriter? _writer;
    private bool _batchOpen;

    public PostgresLogStore(PostgresOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _sources = new PostgresSources(options);
        _call = new PostgresCall(time);
        _reader = new PostgresReader(_sources.Readers);
    }

    /// <summary>What topics created now get; known once open.</summary>
    public ulong Epoch => _life?.Epoch ?? 0;

    /// <summary>Why this start announced a new epoch; null where history goes on.</summary>
    public string? WhyReset { get; private set; }

    /// <summary>False where the server does not wait for its disk, so that its crash may lose what was acknowledged; known once open.</summary>
    public bool IsDurable { get; private set; }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> LineKey { get; private set; }

    /// <summary>Which database, for people.</summary>
    public string Place => _sources.Place;

    public async ValueTask OpenAsync(CancellationToken cancel)
    {
        _marker ??= PostgresMarker.Open(_options, _time);
        // Waits for another gateway that upgrades, and may have to do so itself.
        var start = await _call.RunAsync(
            2 * _options.UpgradeTimeout,
            "opening the log",
            token => PostgresStart.RunAsync(_sources, _options, _marker.Found, _time.GetUtcNow(), token),
            cancel).ConfigureAwait(false);
        (WhyReset, IsDurable, LineKey) = (start.Reset, start.Place.IsDurable, start.LineKey);
        _marker.Write(new PostgresMark(start.Meta.StoreId, start.Writer, 0, start.Place.Lsn, _time.GetUtcNow().ToUnixTimeMilliseconds()));
        _life = new PostgresLife(_sources, _call, _options, _marker, _time, start);
        _writer = await WaitAsync("opening the log", OpenWriterAsync, cancel).ConfigureAwait(false);
    }

    public async ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        if (_batchOpen)
            throw new InvalidOperationException("A batch is open.");
        Life.Check();
        var begun = false;
        try
        {
            _batchOpen = true;
            var writer = _writer ??= await WaitAsync("connecting", OpenWriterAsync, cancel).ConfigureAwait(false);
            var load = await WaitAsync("beginning a batch", token => writer.BeginAsync(keys, token), cancel).ConfigureAwait(false);
            begun = true;
            return new PostgresBatch(this, writer, load);
        }
        finally
        {
            if (!begun)
                await BatchEndedAsync(failed: true).ConfigureAwait(false);
        }
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        ReadAsync("reading events", token => _reader.EventsAsync(topicId, after, countMax, bytesMax, token), cancel);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        ReadAsync("reading history", token => _reader.EventsBackAsync(topicId, first, before, countMax, bytesMax, token), cancel);

    public ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        ReadAsync("reading memberships", token => _reader.MembershipsAsync(tenant, user, Epoch, token), cancel);

    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        ReadAsync("reading a membership", token => _reader.MembershipAsync(tenant, user, topicName, Epoch, token), cancel);

    public ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) =>
        ReadAsync("reading members", token => _reader.MembersAsync(topicId, token), cancel);

    public ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        ReadAsync("reading refusals", token => _reader.RefusalsAsync(deviceId, generation, after, through, token), cancel);

    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        ReadAsync("looking for a command", token => _reader.CheckAsync(deviceId, generation, seq, token), cancel);

    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        ReadAsync("reading heads", token => _reader.HeadsAsync(topicIds, token), cancel);

    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        ReadAsync("reading fences", token => _reader.FencesAsync(deviceIds, token), cancel);

    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        ReadAsync("reading what is scheduled", token => _reader.ScheduledAsync(countMax, token), cancel);

    public ValueTask<string?> ReadOthersAsync(CancellationToken cancel) =>
        ReadAsync("asking for the other gateways", token => _reader.OthersAsync(Life.Writer, token), cancel);

    public ValueTask RevokeAsync(RevokedToken token, CancellationToken cancel)
    {
        Life.Check();
        return WaitAsync(
            "remembering a revoked token",
            wait => PostgresRevoked.AddAsync(_sources.Upkeep, token, _time.GetUtcNow().ToUnixTimeMilliseconds(), wait),
            cancel);
    }

    public ValueTask<IReadOnlyList<(long Number, RevokedToken Token)>> ReadRevokedAsync(long after, int countMax, CancellationToken cancel) =>
        ReadAsync("reading revoked tokens", token => _reader.RevokedAsync(after, countMax, token), cancel);

    /// <summary>The outbox table of the same database, to look into.</summary>
    internal PostgresOutbox OpenOutbox() => new(_sources, _call, _options);

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
            await _writer.DisposeAsync().ConfigureAwait(false);
        _writer = null;
        if (_life is not null)
            await _life.EndAsync().ConfigureAwait(false);
        if (_marker is not null)
            await _marker.DisposeAsync().ConfigureAwait(false);
        await _sources.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Waits for one round trip of the writer.</summary>
    internal ValueTask<T> WaitAsync<T>(string doing, Func<CancellationToken, ValueTask<T>> trip, CancellationToken cancel) =>
        _call.RunAsync(_options.AnswerTimeout, doing, trip, cancel);

    /// <inheritdoc cref="WaitAsync{T}"/>
    internal ValueTask WaitAsync(string doing, Func<CancellationToken, ValueTask> trip, CancellationToken cancel) =>
        _call.RunAsync(_options.AnswerTimeout, doing, trip, cancel);

    /// <summary>The open batch is over; after a failure the connection is, too.</summary>
    internal async ValueTask BatchEndedAsync(bool failed)
    {
        _batchOpen = false;
        if (!failed || _writer is not { } writer)
            return;
        _writer = null;
        await writer.DisposeAsync().ConfigureAwait(false);
    }

    private PostgresLife Life => _life ?? throw new InvalidOperationException("The log is not open.");

    private ValueTask<PostgresWriter> OpenWriterAsync(CancellationToken cancel) => PostgresWriter.OpenAsync(_sources, Life, _options, cancel);

    private ValueTask<T> ReadAsync<T>(string doing, Func<CancellationToken, ValueTask<T>> read, CancellationToken cancel)
    {
        Life.Check();
        return _call.RunAsync(_options.AnswerTimeout, doing, read, cancel);
    }
}
