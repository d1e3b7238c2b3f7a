using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Holi.Gateway.Tests.Connections.Sockets;
using Holi.Wire.Frames;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Tests.Ops.Health;

/// <summary>What a proxy in front and an operator read from <c>/healthz/ready</c>.</summary>
public sealed class ReadinessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_locked_log_is_named_with_its_time_and_the_gateway_is_ready_again_by_itself()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync();
        await using var other = new SqliteConnection($"Data Source={gateway.DatabasePath};Pooling=False");
        await other.OpenAsync(Cancel);
        await ExecuteAsync(other, "begin immediate");
        var hello = new ArrayBufferWriter<byte>();
        new HelloFrame { Token = gateway.Token("ana"), Device = "phone" }.Write(hello);
        await ana.SendAsync(hello.WrittenMemory, WebSocketMessageType.Binary, true, Cancel);

        var failing = await UntilAsync(gateway, "failing", HttpStatusCode.ServiceUnavailable);
        var log = failing.GetProperty("dependencies")[0];
        log.GetProperty("name").GetString().ShouldBe("sqlite");
        log.GetProperty("required").GetBoolean().ShouldBeTrue();
        log.GetProperty("state").GetString().ShouldBe("failing");
        log.GetProperty("reason").GetString()!.ShouldContain("locked by another");
        log.GetProperty("since").GetDateTimeOffset().ShouldBe(failing.GetProperty("since").GetDateTimeOffset());

        await ExecuteAsync(other, "rollback");
        var ready = await UntilAsync(gateway, "ready", HttpStatusCode.OK);
        ready.GetProperty("since").ValueKind.ShouldBe(JsonValueKind.Null);
        ready.GetProperty("dependencies")[0].GetProperty("state").GetString().ShouldBe("up");
    }

    [Fact]
    public async Task What_is_not_required_is_degraded_here_and_in_the_status_and_the_gateway_stays_ready()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Host.Node.Health.Add("redis", isRequired: false).Fails("hangs");
        gateway.Host.Node.Health.Fallbacks.Add("polling", () => true);
        using var http = new HttpClient { BaseAddress = gateway.Http };
        foreach (var path in new[] { "/healthz/ready", "/v1/status" })
        {
            var said = JsonDocument.Parse(await http.GetStringAsync(path, Cancel)).RootElement;
            said.GetProperty("state").GetString().ShouldBe("ready");
            said.GetProperty("fallbacks")[0].GetString().ShouldBe("polling");
            var redis = said.GetProperty("dependencies")[1];
            redis.GetProperty("state").GetString().ShouldBe("degraded");
            redis.GetProperty("reason").GetString().ShouldBe("hangs");
            redis.GetProperty("since").ValueKind.ShouldBe(JsonValueKind.String);
        }
    }

    private static async Task<JsonElement> UntilAsync(RunningGateway gateway, string state, HttpStatusCode status)
    {
        using var http = new HttpClient { BaseAddress = gateway.Http };
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("/healthz/ready", UriKind.Relative), Cancel);
            var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            if (said.GetProperty("state").GetString() == state)
            {
                answer.StatusCode.ShouldBe(status);
                return said;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancel);
        }
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
