using Holi.CoPilot.Notes;
using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Ops;

namespace Holi.Gateway.Notes;

/// <summary>The writer of notes as this gateway runs it: with a shared cache where there is a Redis and the operator named a key for what is put there.</summary>
internal sealed class NoteWriting : IAsyncDisposable
{
    private readonly RedisConnection? _redis;

    private NoteWriting(NoteWriter writer, RedisConnection? redis) => (Writer, _redis) = (writer, redis);

    public NoteWriter Writer { get; }

    public static NoteWriting Of(HoliOptions options, TimeProvider time, ILoggerFactory logs)
    {
        // Of its own: a slow cache of notes must not hold up what gateways tell each other.
        var redis = options.Redis is { } shared && options.CoPilot.CacheKey is not null
            ? new RedisConnection(shared, "holi-notes", time, logs.CreateLogger("Holi.Gateway.Notes"))
            : null;
        var cache = redis is null ? null : new RedisNotes(redis);
        return new NoteWriting(new NoteWriter(options.CoPilot, time, NoteCommand.Seeded(), cache, logs.CreateLogger("Holi.CoPilot")), redis);
    }

    /// <summary>Begins to connect to the shared cache. Returns at once.</summary>
    public void Start() => _redis?.Start();

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }
}
