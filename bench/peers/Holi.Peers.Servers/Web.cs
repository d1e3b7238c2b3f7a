namespace Holi.Peers.Servers;

/// <summary>Kestrel as every .NET peer here has it: one port of the loopback, no logging, no connection limit, "ready" once it listens.</summary>
internal static class Web
{
    public static async Task RunAsync(int port, Action<IServiceCollection> addServices, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        addServices(builder.Services);
        await using var app = builder.Build();
        map(app);
        await app.StartAsync();
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync();
    }
}
