using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Holi.EndToEnd.Operations;
using Holi.EndToEnd.Peers;
using Holi.Servers;

namespace Holi.EndToEnd.Cluster;

/// <summary>What an operator sees of a cluster, and what nobody sees there.</summary>
public sealed partial class ObservedTests
{
    private const string Marker = "creatinine-marker";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_followed_from_node_to_node_and_no_content_goes_along_and_all_metrics_of_the_text_are_there()
    {
        Assert.SkipUnless(GatewayCluster.IsPossible, "PostgreSQL or Redis is not installed");
        await using var one = await OtlpCollector.StartAsync();
        await using var other = await OtlpCollector.StartAsync();
        OtlpCollector[] collectors = [one, other];
        await using (var cluster = await GatewayCluster.StartAsync(
            2, await RedisServer.StartAsync(Cancel),
            settings: n => [("Telemetry__Otlp", collectors[n].Address), ("Telemetry__IntervalSeconds", "1"), ("Telemetry__TraceRatio", "1"), ("Telemetry__Prometheus", "true")]))
        {
            await using var ana = await AppDevice.StartAsync(cluster.Nodes[0], $"{Marker}-ana");
            await using var ben = await AppDevice.StartAsync(cluster.Nodes[1], $"{Marker}-ben");
            var id = await ana.CreateAsync($"{Marker}-ben");
            await Eventually.HoldsAsync(() => ben.Shown(id).Count > 0, () => "ben does not see the conversation");
            await ana.SaidAsync(id, $"text {Marker}");
            await ben.HasTextsAsync(id, $"text {Marker}");

            using var http = new HttpClient();
            IReadOnlyDictionary<string, PrometheusText.Family> shown = new Dictionary<string, PrometheusText.Family>();
            // The lag is known with the second heartbeat.
            await Eventually.HoldsAsync(
                async () =>
                {
                    shown = PrometheusText.Parse(await http.GetStringAsync(cluster.UrlOf(1, "/metrics"), Cancel));
                    return shown["holi_dependency_lag_seconds"].Samples.Any(sample => sample.Labels["holi_dependency"] == "redis");
                },
                "the line's lag is not shown");
            foreach (var name in await DocumentedAsync())
                shown.Keys.ShouldContain(name);
            var results = shown["holi_cluster_messages_total"].Samples.ToDictionary(sample => sample.Labels["holi_cluster_result"], sample => sample.Value);
            results.Keys.ShouldBe(["sent", "unsent", "heard", "dropped"], ignoreOrder: true);
            (results["sent"] > 0, results["heard"] > 0, results["dropped"]).ShouldBe((true, true, 0));
            shown["holi_cluster_nodes"].Samples.Single().Value.ShouldBe(1);
            shown["holi_dependency_up"].Samples.Single(sample => sample.Labels["holi_dependency"] == "redis").Value.ShouldBe(1);
            shown["holi_fallback_active"].Samples.Single(sample => sample.Labels["holi_fallback"] == "polling").Value.ShouldBe(0);
        }

        // A span of one node, and below it those of the other.
        var command = one.Spans.Where(span => span.Name == "receive command").Select(span => (span.Trace, span.Id)).ToHashSet();
        var published = other.Spans.Where(span => span.Name == "publish event" && command.Contains((span.Trace, span.Parent))).ToList();
        published.ShouldNotBeEmpty();
        other.Spans.ShouldContain(span => span.Name == "deliver event" && published.Any(above => above.Id == span.Parent && above.Trace == span.Trace));
        foreach (var (path, _, body) in one.Came.Concat(other.Came))
            Encoding.Latin1.GetString(body).ShouldNotContain(Marker, Case.Insensitive, path);
    }

    [Fact]
    public async Task X_whoever_watches_Redis_sees_that_gateways_talk_and_nothing_of_what_people_say_or_are_called()
    {
        Assert.SkipUnless(GatewayCluster.IsPossible, "PostgreSQL or Redis is not installed");
        await using var cluster = await GatewayCluster.StartAsync(2, await RedisServer.StartAsync(Cancel));
        using var monitor = Process.Start(new ProcessStartInfo("/usr/bin/redis-cli", ["-p", $"{cluster.Redis.Port}", "monitor"]) { RedirectStandardOutput = true })!;
        (await monitor.StandardOutput.ReadLineAsync(Cancel)).ShouldBe("OK");
        await using (var ana = await AppDevice.StartAsync(cluster.Nodes[0], $"{Marker}-ana"))
        {
            await using var ben = await AppDevice.StartAsync(cluster.Nodes[1], $"{Marker}-ben");
            var id = await ana.CreateAsync($"{Marker}-ben");
            await using var people = await ana.WatchAsync(id);
            await people.ShowsAsync($"{Marker}-ben", person => person.IsOnline, "ben is not shown online");
            await ana.SaidAsync(id, $"text {Marker}");
            await ben.HasTextsAsync(id, $"text {Marker}");
        }
        (await cluster.StopAsync(0)).ShouldBe(0);
        monitor.Kill();
        var seen = await monitor.StandardOutput.ReadToEndAsync(Cancel);
        seen.ShouldContain("\"PUBLISH\" \"holi:w:");
        seen.ShouldContain("\"PUBLISH\" \"holi:n\"");
        seen.ShouldNotContain(Marker, Case.Insensitive);
    }

    // Those rows of OPERATIONS.md's table that only several gateways show.
    private static async Task<IReadOnlyList<string>> DocumentedAsync()
    {
        var rows = ClusterRow().Matches(await File.ReadAllTextAsync(Path.Combine(Checkout.Folder, "OPERATIONS.md"), Cancel));
        rows.Count.ShouldBeGreaterThan(3);
        return [.. rows.Select(row => row.Groups["name"].Value.Replace('.', '_') + (row.Groups["type"].Value == "counter" ? "_total" : ""))];
    }

    [GeneratedRegex(@"^\| `(?<name>holi\.cluster\.[a-z.]+)`† \| (?<type>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex ClusterRow();
}
