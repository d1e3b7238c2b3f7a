using Holi.Load.Roads;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// A backend service of one tenant: it publishes one message after the other, and sends the same again, under the same key, until it knows that it was
/// taken.
/// </summary>
internal sealed class Backends(ChaosSite site, Spoken spoken, string tenant, IReadOnlyList<string> topics) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60), Again = TimeSpan.FromMilliseconds(200);

    private readonly HttpRoad _http = new(site.Endpoints, site.Tokens);

    public async Task LiveAsync(CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var text = Spoken.Text(tenant, "http", number);
            var publication = new Publication(tenant, text.Replace('|', ':'), topics[number % topics.Count], text);
            spoken.Tried();
            // What was begun is finished: a backend that gives up would not know what became of it.
            while (!await _http.TrySendAsync(publication, CancellationToken.None))
                await Task.Delay(Again, site.Time, CancellationToken.None);
            spoken.Acknowledge(text, publication.Topic);
            await Task.Delay(Pause, site.Time, CancellationToken.None);
        }
    }

    public void Dispose() => _http.Dispose();
}
