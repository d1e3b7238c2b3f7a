using Holi.Load.Roads;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// Backend services of one tenant, one for each road: each publishes one message after the other, and sends the same again, under the same key, until
/// it knows that it was taken.
/// </summary>
internal sealed class Backends : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60), Again = TimeSpan.FromMilliseconds(200);

    private readonly ChaosSite _site;
    private readonly Spoken _spoken;
    private readonly string _tenant;
    private readonly IReadOnlyList<string> _topics;
    private readonly HttpRoad _http;
    private readonly RedisRoad? _redis;
    private readonly SqlRoad? _sql;
    // What went by the stream is as safe as Redis is (§8.4): whoever must be sure sends it again.
    private readonly List<Publication> _streamed = [];

    public Backends(ChaosSite site, Spoken spoken, string tenant, IReadOnlyList<string> topics)
    {
        (_site, _spoken, _tenant, _topics) = (site, spoken, tenant, topics);
        _http = new HttpRoad(site.Endpoints, site.Tokens);
        _redis = site.Site.Redis is { } redis ? new RedisRoad(redis, site.Time) : null;
        _sql = site.Site.Postgres is { } postgres ? new SqlRoad(postgres) : null;
    }

    public Task LiveAsync(CancellationToken stop) => Task.WhenAll(RoadAsync("http", _http, stop), RoadAsync(Spoken.Stream, _redis, stop), RoadAsync("sql", _sql, stop));

    /// <summary>Sends what went by the stream again, each under its key.</summary>
    public async Task StreamAgainAsync()
    {
        foreach (var publication in _streamed)
        {
            await SendAsync(_redis!, publication);
            _spoken.Acknowledge(publication.Text, publication.Topic);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var road in (IRoad?[])[_http, _redis, _sql])
        {
            if (road is not null)
                await road.DisposeAsync();
        }
    }

    private async Task RoadAsync(string name, IRoad? road, CancellationToken stop)
    {
        for (var number = 0; road is not null && !stop.IsCancellationRequested; number++)
        {
            var text = Spoken.Text(_tenant, name, number);
            var publication = new Publication(_tenant, text.Replace('|', ':'), _topics[number % _topics.Count], text);
            _spoken.Tried();
            if (road == _redis)
                _streamed.Add(publication);
            await SendAsync(road, publication);
            if (road != _redis)
                _spoken.Acknowledge(text, publication.Topic);
            await Task.Delay(Pause, _site.Time, CancellationToken.None);
        }
    }

    // What was begun is finished: a backend that gives up would not know what became of it.
    private async Task SendAsync(IRoad road, Publication publication)
    {
        while (!await road.TrySendAsync(publication, CancellationToken.None))
            await Task.Delay(Again, _site.Time, CancellationToken.None);
    }
}
