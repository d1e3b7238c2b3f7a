using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Servers;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Operations;

/// <summary>What an operator sees of a real gateway, through a real scrape and a real collector; and what nobody sees there: health data.</summary>
public sealed partial class TelemetryTests
{
    private const string Marker = "bilirubin-marker";

    private static readonly string[] Spans = ["receive command", "receive publication", "commit batch", "publish event", "deliver event"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scrape_shows_every_metric_that_the_operators_text_names_and_no_other()
    {
        var own = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        await using var gateway = await StartAsync(("Telemetry__Prometheus", "true"), ("Telemetry__PrometheusUrl", own));
        await TalkAsync(gateway, "ana", "ben", null, "hello");

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(own + "/metrics"), Cancel);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var families = PrometheusText.Parse(await answer.Content.ReadAsStringAsync(Cancel));

        var documented = await DocumentedAsync();
        var shown = families.Keys.Where(name => name.StartsWith("holi_", StringComparison.Ordinal)).ToList();
        shown.Except(documented.Keys).ShouldBeEmpty("shown and not in OPERATIONS.md");
        documented.Where(row => !row.Value).Select(row => row.Key).Except(shown).ShouldBeEmpty("in OPERATIONS.md and not shown");

        families["holi_commit_duration_seconds"].Samples.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value.ShouldBeGreaterThan(2);
        families["holi_delivery_duration_seconds"].Samples.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value.ShouldBeGreaterThan(0);
        families["holi_connection_io_bytes_total"].Samples.ShouldAllBe(sample => sample.Value > 100);
        families["holi_audit_rows_total"].Samples.Select(sample => sample.Labels["holi_audit_action"]).ShouldContain("device.open");
        families["holi_ingress_publications_total"].Samples.Select(sample => (sample.Labels["holi_ingress_road"], sample.Labels["holi_ingress_result"], sample.Value))
            .ShouldBe([("http", "committed", 1), ("http", "refused", 1)], ignoreOrder: true);
        families["holi_dependency_up"].Samples.Single().Value.ShouldBe(1);
    }

    [Fact]
    public async Task An_address_of_its_own_shows_metrics_and_nothing_else_and_the_devices_address_does_not_show_them()
    {
        var own = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        await using var gateway = await StartAsync(("Telemetry__Prometheus", "true"), ("Telemetry__PrometheusUrl", own));
        var devices = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/" }.Uri;
        using var http = new HttpClient();
        (await StatusAsync(http, new Uri(own + "/metrics"))).ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "/v1/status", "/v1/ws", "/healthz/ready", "/", "/metrics/more" })
            (await StatusAsync(http, new Uri(own + path))).ShouldBe(HttpStatusCode.NotFound, path);
        (await StatusAsync(http, new Uri(devices, "metrics"))).ShouldBe(HttpStatusCode.NotFound);
        // Whatever a request says about where it goes.
        http.DefaultRequestHeaders.Host = new Uri(own).Authority;
        (await StatusAsync(http, new Uri(devices, "metrics"))).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task By_default_there_are_no_metrics_to_scrape()
    {
        await using var gateway = await StartAsync();
        using var http = new HttpClient();
        (await StatusAsync(http, new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/metrics" }.Uri)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_collector_gets_the_metrics_and_one_message_s_way_through_the_gateway()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var gateway = await StartAsync(
            ("Telemetry__Otlp", collector.Address), ("Telemetry__IntervalSeconds", "1"), ("Telemetry__TraceRatio", "1"));
        await TalkAsync(gateway, "ana", "ben", null, "hello");
        await Eventually.HoldsAsync(() => collector.Metrics.Contains("holi.commit.duration"), () => string.Join(", ", collector.Metrics));
        (await gateway.StopAsync(Cancel)).ShouldBe(0);

        collector.Came.ShouldAllBe(request => request.Type == "application/x-protobuf");
        collector.Metrics.ShouldContain("holi.connection.count");
        collector.Metrics.ShouldContain("dotnet.gc.collections");
        var spans = collector.Spans;
        spans.Select(span => span.Name).Distinct().ShouldBe(Spans, ignoreOrder: true);
        // From back to front: a delivery, of a publication, of what a device or a backend sent, committed by a batch that knows it.
        foreach (var name in new[] { "receive command", "receive publication" })
        {
            var delivery = spans.First(span => span.Name == "deliver event" && spans.Any(root => root.Name == name && root.Trace == span.Trace));
            var publication = spans.Single(span => span.Id == delivery.Parent);
            publication.Name.ShouldBe("publish event");
            var sent = spans.Single(span => span.Id == publication.Parent);
            sent.Name.ShouldBe(name);
            sent.Parent.ShouldBeEmpty();
            sent.Trace.ShouldBe(delivery.Trace);
            var batch = spans.Single(span => span.Id == sent.Links.Single().Span);
            batch.Name.ShouldBe("commit batch");
            batch.Links.ShouldContain((sent.Trace, sent.Id));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task X_health_data_is_in_no_metric_no_trace_and_no_log(bool onPostgres)
    {
        Assert.SkipUnless(!onPostgres || PostgresServer.IsInstalled, "PostgreSQL is not installed");
        await using var postgres = onPostgres ? await PostgresServer.StartAsync(Cancel) : null;
        await using var collector = await OtlpCollector.StartAsync();
        var settings = new List<(string, string)>
        {
            ("Telemetry__Otlp", collector.Address), ("Telemetry__IntervalSeconds", "1"), ("Telemetry__TraceRatio", "1"),
            ("Telemetry__Prometheus", "true"), ("Logging__LogLevel__Default", "Trace"),
        };
        if (postgres is not null)
            settings.Add(("Postgres__ConnectionString", postgres.ConnectionString));
        await using var gateway = await StartAsync([.. settings]);
        await TalkAsync(gateway, $"{Marker}-ana", $"{Marker}-ben", $"Title {Marker}", $"text {Marker}");
        using var http = new HttpClient();
        var root = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/" }.Uri;
        foreach (var path in new[] { "metrics", "healthz/ready", "v1/status" })
            (await http.GetStringAsync(new Uri(root, path), Cancel)).ShouldNotContain(Marker, Case.Insensitive, path);
        PrometheusText.Parse(await http.GetStringAsync(new Uri(root, "metrics"), Cancel)).Keys.ShouldContain("holi_delivery_duration_seconds");
        (await gateway.StopAsync(Cancel)).ShouldBe(0);

        var spans = collector.Spans;
        Spans.Except(spans.Select(span => span.Name)).ShouldBeEmpty();
        // The driver's spans lie in those of batches, and nowhere else: what nobody asked to be traced is not.
        var inBatches = spans.Where(span => !Spans.Contains(span.Name)).ToList();
        inBatches.ShouldAllBe(span => spans.Any(batch => batch.Id == span.Parent));
        (inBatches.Count > 0).ShouldBe(onPostgres);
        collector.Metrics.ShouldContain("holi.delivery.duration");
        collector.Metrics.Any(name => name.StartsWith("db.client.", StringComparison.Ordinal)).ShouldBe(onPostgres);
        foreach (var (path, _, body) in collector.Came)
        {
            var text = Encoding.Latin1.GetString(body);
            text.ShouldNotContain(Marker, Case.Insensitive, path);
            text.ShouldNotContain("Username=", Case.Insensitive, "a connection string");
        }
        (await File.ReadAllTextAsync(Path.Combine(gateway.DataFolder, "gateway.log"), Cancel)).ShouldNotContain(Marker, Case.Insensitive);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_costs_nobody_a_message_and_no_stop_its_time()
    {
        var nowhere = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        await using var gateway = await StartAsync(
            ("Telemetry__Otlp", nowhere), ("Telemetry__IntervalSeconds", "1"), ("Telemetry__TraceRatio", "1"));
        await TalkAsync(gateway, "ana", "ben", null, "hello");
        (await gateway.StopAsync(Cancel)).ShouldBe(0);
    }

    private static Task<GatewayProcess> StartAsync(params (string Name, string Value)[] settings) =>
        GatewayProcess.StartAsync(null, TimeProvider.System, Cancel, settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    // A conversation with a title, a message there, and a refused command.
    private static async Task TalkAsync(GatewayProcess gateway, string one, string other, string? title, string text)
    {
        await using var ana = await AppDevice.StartAsync(gateway, one);
        await using var ben = await AppDevice.StartAsync(gateway, other);
        await ben.IsAsync(ConnectionState.Ready);
        var made = await ana.Client.CreateConversationAsync(title, [new NewMember(other, MemberRole.Member)], Cancel);
        await Eventually.EndsAsync(made.Command.Committed);
        await ana.SaidAsync(made.Conversation.Id, text);
        await ben.HasTextsAsync(made.Conversation.Id, text);
        await ben.SaidAsync(made.Conversation.Id, text + " too");
        await ana.HasTextsAsync(made.Conversation.Id, text, text + " too");
        await PublishAsync(gateway, made.Conversation.Id, text + " from a backend");
        await ana.HasTextsAsync(made.Conversation.Id, text, text + " too", text + " from a backend");
        var refused = await ana.Client.Conversation("not-" + Marker).SendAsync(text, Cancel);
        await Should.ThrowAsync<Exception>(() => Eventually.EndsAsync(refused.Committed));
    }

    // What a backend says in the conversation, and what is refused.
    private static async Task PublishAsync(GatewayProcess gateway, string id, string text)
    {
        using var http = new HttpClient { BaseAddress = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/" }.Uri };
        http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Tokens.For("backend", scope: "holi.publish"));
        foreach (var kind in new[] { "message.post", Marker })
        {
            using var body = new StringContent(
                $$$"""{"key":"{{{Marker}}}-{{{kind}}}","target":"conversation/{{{id}}}","kind":"{{{kind}}}","content":{"text":"{{{text}}}"}}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri("v1/publish", UriKind.Relative), body, Cancel);
            answer.IsSuccessStatusCode.ShouldBe(kind == "message.post", await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, Uri url)
    {
        using var answer = await http.GetAsync(url, Cancel);
        return answer.StatusCode;
    }

    // The table of OPERATIONS.md, in Prometheus' names; true where a gateway on its own has nothing to show.
    private static async Task<Dictionary<string, bool>> DocumentedAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Checkout.Folder, "OPERATIONS.md"), Cancel);
        var rows = TableRow().Matches(text);
        rows.Count.ShouldBeGreaterThan(10);
        return rows.ToDictionary(row => InPrometheus(row.Groups["name"].Value, row.Groups["type"].Value, row.Groups["unit"].Value), row => row.Value.Contains('†'));
    }

    private static string InPrometheus(string name, string type, string unit)
    {
        var words = name.Replace('.', '_') + unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return type == "counter" ? words + "_total" : words;
    }

    [GeneratedRegex(@"^\| `(?<name>holi\.[a-z.]+)`†? \| (?<type>\w+) \| `(?<unit>[^`]+)` \|.*$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
