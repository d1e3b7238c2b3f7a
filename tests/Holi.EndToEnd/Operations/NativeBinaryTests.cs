using System.Diagnostics;
using Holi.EndToEnd.Cluster;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Load.Scenarios;
using Holi.Servers;

namespace Holi.EndToEnd.Operations;

/// <summary>The gateway ships as one native binary too: it is built here as an operator builds it, and a message goes through it.</summary>
public sealed class NativeBinaryTests
{
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task The_native_binary_carries_a_message_and_keeps_it_over_a_kill()
    {
        var cancel = TestContext.Current.CancellationToken;
        var binary = await PublishAsync();
        await using var collector = await OtlpCollector.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(binary, TimeProvider.System, cancel, new Dictionary<string, string>
        {
            ["Telemetry__Prometheus"] = "true", ["Telemetry__Otlp"] = collector.Address, ["Telemetry__IntervalSeconds"] = "1", ["Telemetry__TraceRatio"] = "1",
        });
        var target = new GatewayTarget([gateway.Endpoint], gateway.Tokens, null);

        var (devices, topics) = await Rooms.OpenAsync(target, "native", 1, 2, cancel);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        devices[0][1].OnEvent = (_, _) => arrived.TrySetResult();
        await devices[0][0].PostAsync(topics[0], "through a native gateway", cancel);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), cancel);
        await Rooms.CloseAsync(devices);

        // What is left out of a native binary because nothing seems to need it would be missed here.
        using (var http = new HttpClient())
        {
            var metrics = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/metrics" }.Uri;
            PrometheusText.Parse(await http.GetStringAsync(metrics, cancel)).Keys.ShouldContain("holi_commit_duration_seconds");
        }
        await Eventually.HoldsAsync(() => collector.Metrics.Contains("holi.commit.duration"), () => string.Join(", ", collector.Metrics));
        await Eventually.HoldsAsync(() => collector.Spans.Any(span => span.Name == "deliver event"), "no traces");

        await gateway.KillAsync();
        await gateway.RestartAsync(cancel);
        using var status = await gateway.StatusAsync(cancel);
        status.RootElement.TryGetProperty("commits", out _).ShouldBeTrue();
        (await DoctorAsync(binary, gateway.DataFolder)).ShouldContain("ok       data folder");
        if (GatewayCluster.IsPossible)
            await TalkAcrossAsync(binary, cancel);
    }

    // Two of them over Postgres and Redis: what their clients do by reflection would be missed here.
    private static async Task TalkAcrossAsync(string binary, CancellationToken cancel)
    {
        await using var cluster = await GatewayCluster.StartAsync(2, await RedisServer.StartAsync(cancel), program: binary);
        await using var ana = await AppDevice.StartAsync(cluster.Nodes[0], "ana");
        await using var ben = await AppDevice.StartAsync(cluster.Nodes[1], "ben");
        var id = await ana.CreateAsync("ben");
        await ben.SaidAsync(id, "through two native gateways");
        await ana.HasTextsAsync(id, "through two native gateways");
        (await cluster.StatusAsync(0)).GetProperty("heard").GetInt64().ShouldBeGreaterThan(0);
    }

    private static async Task<string> DoctorAsync(string binary, string folder)
    {
        // Nothing listens there: what is tried is that the clients of both are whole.
        var start = new ProcessStartInfo(binary, ["doctor", "--data-folder", folder]) { RedirectStandardOutput = true };
        start.Environment["HOLI_Postgres__ConnectionString"] = $"Host=127.0.0.1;Port={ServerProcess.FreePort()};Database=holi;Username=holi";
        start.Environment["HOLI_Redis__Configuration"] = $"127.0.0.1:{ServerProcess.FreePort()}";
        using var doctor = Process.Start(start)!;
        var said = await doctor.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await doctor.WaitForExitAsync(TestContext.Current.CancellationToken);
        doctor.ExitCode.ShouldBe(2, said);
        said.Split('\n').Count(line => line.StartsWith("PROBLEM", StringComparison.Ordinal) && line.Contains("cannot be reached")).ShouldBe(2, said);
        return said;
    }

    private static async Task<string> PublishAsync()
    {
        var root = Checkout.Folder;
        var output = Path.Combine(root, "artifacts", "native");
        var start = new ProcessStartInfo(
            "dotnet", ["publish", Path.Combine(root, "src", "Holi.Gateway"), "-c", "Release", "-r", "linux-x64", "-o", output, "--nologo", "-v", "q"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var publish = Process.Start(start)!;
        var said = publish.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var failed = publish.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await publish.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(PublishTimeout);
        }
        finally
        {
            // It would go on for minutes after the test has given up.
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
        publish.ExitCode.ShouldBe(0, $"{await said}\n{await failed}");
        return Path.Combine(output, "Holi.Gateway");
    }
}
