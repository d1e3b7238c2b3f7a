using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Clients;

/// <summary>The text of the protocol is enough: a JavaScript client that shares no code with Holi talks to people on the SDK.</summary>
public sealed class StrangerTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    [Fact]
    public async Task A_stranger_in_JavaScript_and_the_SDK_chat_through_cuts_and_nothing_comes_twice()
    {
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = StrangerProcess.Start();
        await ConnectAsync(ben, gateway);
        var id = await ana.CreateAsync(_ben);
        var topic = TopicName.Conversation(id);

        await ana.SaidAsync(id, "from the SDK");
        await ben.HasTextsAsync(topic, "from the SDK");
        ben.Do($$"""{"op":"post","topic":"{{topic}}","text":"from JavaScript"}""");
        await ana.HasTextsAsync(id, "from the SDK", "from JavaScript");

        // Cut: both go on writing; what ben wrote waits in its store, what ana wrote in the log.
        ben.Do("""{"op":"cut"}""");
        await ben.HearsAsync("closed");
        ben.Do($$"""{"op":"post","topic":"{{topic}}","text":"written while cut"}""");
        await ana.SaidAsync(id, "said while ben was cut");
        ben.Do("""{"op":"resume"}""");
        string[] expected = ["from the SDK", "from JavaScript", "said while ben was cut", "written while cut"];
        await ben.HasTextsAsync(topic, expected);
        await ana.HasTextsAsync(id, expected);

        // And the other way round.
        ana.GoOffline();
        await ana.SayAsync(id, "written offline");
        ben.Do($$"""{"op":"post","topic":"{{topic}}","text":"said meanwhile"}""");
        await ben.HasTextsAsync(topic, [.. expected, "said meanwhile"]);
        ana.GoOnline();
        await ana.HasTextsAsync(id, [.. expected, "said meanwhile", "written offline"]);
        await ben.HasTextsAsync(topic, [.. expected, "said meanwhile", "written offline"]);
        ben.Heard("failed").ShouldBeEmpty();
        ben.Heard("trouble").ShouldBeEmpty();
        ben.Heard("refused").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stranger_that_was_restored_from_a_backup_gets_a_new_generation_and_nothing_comes_twice()
    {
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = StrangerProcess.Start();
        await ConnectAsync(ben, gateway);
        var id = await ana.CreateAsync(_ben);
        var topic = TopicName.Conversation(id);
        await ben.HearsAsync("topic", 2);

        ben.Do("""{"op":"cut"}""");
        await ben.HearsAsync("closed");
        ben.Do($$"""{"op":"post","topic":"{{topic}}","text":"in the backup"}""");
        ben.Do("""{"op":"save"}""");
        ben.Do("""{"op":"resume"}""");
        await ana.HasTextsAsync(id, "in the backup");
        ben.Do($$"""{"op":"post","topic":"{{topic}}","text":"after it"}""");
        await ana.HasTextsAsync(id, "in the backup", "after it");
        ben.Do("""{"op":"cut"}""");
        await ben.HearsAsync("closed", 2);
        ben.Do("""{"op":"restore"}""");
        ben.Do("""{"op":"resume"}""");
        await ben.HearsAsync("closed", 3);
        ben.Heard("closed")[2].GetProperty("code").GetInt32().ShouldBeOneOf(4300, 4301);
        ben.Do("""{"op":"resume"}""");
        await ben.HearsAsync("welcome", 3);
        ben.Do($$"""{"op":"post","topic":"{{topic}}","text":"at last"}""");
        await ana.HasTextsAsync(id, "in the backup", "after it", "at last");
    }

    [Fact]
    public async Task Strangers_and_the_SDK_see_each_other_s_presence_typing_and_receipts()
    {
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = StrangerProcess.Start();
        await ConnectAsync(ben, gateway);
        var id = await ana.CreateAsync(_ben);
        var topic = TopicName.Conversation(id);
        await using var people = await ana.WatchAsync(id);
        await people.ShowsAsync(_ben, p => p.IsOnline, "ben is not shown online");
        await ana.SaidAsync(id, "hello");
        await ben.HasTextsAsync(topic, "hello");
        await people.ShowsAsync(_ben, p => p.Delivered == ana.Shown(id)[^1].Offset, "ben's receipt does not come");

        ben.Do($$"""{"op":"watch","topic":"{{topic}}"}""");
        await ben.HearsAsync("roster");
        ben.Do($$"""{"op":"typing","topic":"{{topic}}","on":true}""");
        await people.ShowsAsync(_ben, p => p.IsTyping, "ben is not shown typing");
        ana.Client.Conversation(id).Typing(true).ShouldBeTrue();
        await Eventually.HoldsAsync(
            () => ben.Heard("signal").Any(s => s.GetProperty("signal").GetString() == "typing"), () => $"ana's typing does not come. {ben}");
        ben.Do($$"""{"op":"read","topic":"{{topic}}","offset":{{ana.Shown(id)[^1].Offset}}}""");
        await people.ShowsAsync(_ben, p => p.Read == ana.Shown(id)[^1].Offset, "ben's reading is not shown");
    }

    private async Task ConnectAsync(StrangerProcess ben, GatewayProcess gateway)
    {
        ben.Do($$"""{"op":"connect","url":"{{gateway.Endpoint}}","token":"{{gateway.Tokens.For(_ben)}}","device":"stranger-{{Guid.NewGuid():N}}"}""");
        await ben.HearsAsync("welcome");
    }
}
