using System.Diagnostics;
using System.Globalization;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Backends;

/// <summary>The programs of samples/publish, run as a backend's developer would run them.</summary>
internal sealed class SamplePrograms(GatewaySite site)
{
    /// <summary>Each of them, by its name.</summary>
    public static TheoryData<string> All { get; } = new("publish-redis.sh", "publish.py", "publish-http.sh", "publish.mjs", "publish.sql");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Runs one to its end; what it printed is returned. It fails where the program does.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="person">Who it publishes to.</param>
    /// <param name="conversation">And where.</param>
    /// <param name="remindAt">What it schedules is due then; whole seconds.</param>
    public async Task<string> RunAsync(string name, string person, string conversation, DateTimeOffset remindAt)
    {
        var program = Path.Combine(Checkout.Folder, "samples", "publish", name);
        var at = remindAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var start = Path.GetExtension(name) switch
        {
            ".sql" => new ProcessStartInfo("psql",
            [
                "-q", site.Postgres!.Url, "-v", $"person={person}", "-v", $"conversation={conversation}", "-v", $"remind_at={at}", "-v", $"prefix={person}:",
                "-f", program,
            ]),
            ".py" => new ProcessStartInfo("python3", [program]),
            ".mjs" => new ProcessStartInfo("node", [program]),
            _ => new ProcessStartInfo("sh", [program]),
        };
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["HOLI_REDIS"] = $"redis://127.0.0.1:{site.Redis!.Port}";
        start.Environment["HOLI_URL"] = new UriBuilder(site.Nodes[0].Endpoint) { Scheme = Uri.UriSchemeHttp, Path = "" }.Uri.ToString().TrimEnd('/');
        start.Environment["HOLI_TOKEN"] = site.Nodes[0].Tokens.For("lab", scope: "holi.publish");
        (start.Environment["HOLI_PERSON"], start.Environment["HOLI_CONVERSATION"]) = (person, conversation);
        (start.Environment["HOLI_REMIND_AT"], start.Environment["HOLI_PREFIX"]) = (at, $"{person}:");
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(Cancel);
        var failed = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.ShouldBe(0, $"{name}: {failed}");
        failed.ShouldBeEmpty(name);
        return await said;
    }
}
