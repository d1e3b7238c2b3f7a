using Holi.Load.Gateways;

namespace Holi.Peers.Servers;

/// <summary>Holi, as a deployment has it: one gateway on SQLite, or several over one PostgreSQL and one Redis. Members of a room go to its gateways in turn.</summary>
internal sealed class HoliServer : IPeerServer
{
    private readonly GatewaySite _site;

    private HoliServer(GatewaySite site)
    {
        _site = site;
        var parts = new List<ServerPart> { new(site.Nodes.Count > 1 ? "gateways" : "gateway", () => [.. site.Nodes.Select(node => node.Id)]) };
        if (site.Postgres is { } postgres)
            parts.Add(new ServerPart("Postgres", () => [postgres.Process.ProcessId]));
        if (site.Redis is { } redis)
            parts.Add(new ServerPart("Redis", () => [redis.Process.ProcessId]));
        Parts = parts;
    }

    public IReadOnlyList<ServerPart> Parts { get; }

    public static async Task<IPeerServer> StartAsync(SitePlan plan, CancellationToken cancel) =>
        new HoliServer(await GatewaySite.StartAsync(plan, TimeProvider.System, cancel));

    public int PortOf(int member) => _site.Nodes[member % _site.Nodes.Count].Endpoint.Port;

    public string TokenFor(string user) => _site.Nodes[0].Tokens.For(user);

    public async Task KillAsync()
    {
        foreach (var node in _site.Nodes)
            await node.KillAsync();
        if (_site.Postgres is { } postgres)
            await postgres.Process.KillAsync();
        if (_site.Redis is { } redis)
            await redis.Process.KillAsync();
    }

    public async Task RestartAsync(CancellationToken cancel)
    {
        if (_site.Postgres is { } postgres)
            await postgres.RestartAsync(cancel);
        if (_site.Redis is { } redis)
            await redis.RestartAsync(cancel);
        foreach (var node in _site.Nodes)
            await node.RestartAsync(cancel);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();
}
