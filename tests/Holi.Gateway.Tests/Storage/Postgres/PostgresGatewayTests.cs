using System.Net;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Connections.Sockets;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>A whole gateway on Postgres: it says where its log is, stops acknowledging while Postgres is away, says so, and recovers by itself.</summary>
public sealed class PostgresGatewayTests(OwnPostgres own) : IClassFixture<OwnPostgres>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readiness_names_Postgres_while_it_is_away_and_is_well_again_when_it_is_back()
    {
        await using var database = await own.CreateAsync();
        await using var gateway = await RunningGateway.StartAsync(("Postgres:ConnectionString", database.ConnectionString));
        using var http = new HttpClient { BaseAddress = gateway.Http };
        (await http.GetStringAsync("/healthz/ready", Cancel)).ShouldContain("\"state\":\"ready\"");

        await own.Server.Process.KillAsync();
        var phone = new RemoteDevice(new DeviceKey("default", "ana", "phone"));
        var opening = phone.OpenAsync(gateway.Host.Node.Committer);
        HttpResponseMessage answer;
        do
        {
            answer = await http.GetAsync(new Uri("/healthz/ready", UriKind.Relative), Cancel);
        }
        while (answer.StatusCode == HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("Postgres");
        opening.IsCompleted.ShouldBeFalse("nothing is answered that is not on disk");

        await own.Server.RestartAsync(Cancel);
        await opening;
        await phone.SendAsync(gateway.Host.Node.Committer, "conversation/a", MessageTypes.ConversationCreate, new ConversationCreate(null, []).ToBytes());
        phone.Refusals.ShouldBeEmpty();
        // What is written works at once; that reading does, too, the next probe finds out.
        while ((await http.GetAsync(new Uri("/healthz/ready", UriKind.Relative), Cancel)).StatusCode != HttpStatusCode.OK)
            await Task.Yield();
        (await http.GetStringAsync("/healthz/ready", Cancel)).ShouldContain("\"state\":\"ready\"");
    }
}
