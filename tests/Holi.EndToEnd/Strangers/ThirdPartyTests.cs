using Holi.EndToEnd.Gateways;
using MessagePack;

namespace Holi.EndToEnd.Strangers;

/// <summary>The text of the protocol is enough: a client on another package, without Holi's code, talks to the gateway.</summary>
public sealed class ThirdPartyTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Two_third_party_clients_chat_in_order()
    {
        const int messages = 100;
        var topic = "conversation/third-" + Guid.NewGuid().ToString("N");
        using var ana = new ThirdPartyClient(fixture.Gateway.Endpoint);
        using var ben = new ThirdPartyClient(fixture.Gateway.Endpoint);
        await ana.ConnectAsync(fixture.Gateway.Tokens.For("third-ana"), "third-a");
        await ben.ConnectAsync(fixture.Gateway.Tokens.For("third-ben"), "third-b");
        (await NextAsync<ThirdPartyClient.Welcomed>(ana)).User.ShouldBe("third-ana");
        await NextAsync<ThirdPartyClient.Welcomed>(ben);

        ana.Create(topic, "third-ben");
        var last = 0UL;
        for (var n = 0; n < messages; n++)
            last = ana.Post(topic, $"message {n}");

        var texts = new List<string>();
        var expected = 0UL;
        while (texts.Count < messages)
        {
            var happened = await NextAsync<ThirdPartyClient.Happened>(ben);
            if (happened.Topic != topic)
                continue;
            if (expected != 0)
                happened.Offset.ShouldBe(expected);
            expected = happened.Offset + 1;
            if (happened.Type == 0)
                texts.Add(TextOf(happened.Payload));
        }
        texts.ShouldBe(Enumerable.Range(0, messages).Select(n => $"message {n}"));
        while ((await NextAsync<ThirdPartyClient.Committed>(ana)).Seq < last)
        {
        }
    }

    private static string TextOf(byte[] payload)
    {
        var reader = new MessagePackReader(payload);
        reader.ReadArrayHeader();
        return reader.ReadString()!;
    }

    private static async Task<T> NextAsync<T>(ThirdPartyClient client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        while (true)
        {
            if (await client.Heard.ReadAsync(patience.Token) is T wanted)
                return wanted;
        }
    }
}
