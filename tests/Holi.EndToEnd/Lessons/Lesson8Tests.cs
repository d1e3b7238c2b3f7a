using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Lessons;

/// <summary>"'Delivered' was set at insert. One socket closing marked the person offline while two others were open."</summary>
public sealed class Lesson8Tests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben"), _cat = SharedGateway.Somebody("cat");

    [Fact]
    public async Task Lesson_8_delivered_means_that_the_other_device_has_stored_it()
    {
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = await RawPeer.WelcomedAsync(gateway, _ben);
        var id = await ana.CreateAsync(_ben);
        var topic = await ben.TopicAsync(TopicName.Conversation(id));
        await using var people = await ana.WatchAsync(id);
        await ana.SaidAsync(id, "sent");

        // It came to ben's device, which has not stored it yet.
        EventFrame happened;
        do
        {
            EventFrame.TryRead(new(await ben.NextAsync(FrameKind.Event)), ben.TimeBase, out happened, out _).ShouldBeTrue();
        }
        while (happened.Topic != topic.Number || happened.Type != MessageTypes.MessagePost);
        await ben.PingAsync();
        await ana.SaidAsync(id, "a round trip later");
        await people.ShowsAsync(_ben, _ => true, "ben is not shown");
        people.Of(_ben).ShouldAllBe(person => person.Delivered < happened.Offset);

        await ben.SendAsync(output => AckFrame.Write(output, [new AckEntry(happened.Topic, happened.Offset)]));
        await people.ShowsAsync(_ben, person => person.Delivered == happened.Offset, "the receipt does not come");
        people.Now(_ben)!.Read.ShouldBeLessThan(happened.Offset);
    }

    [Fact]
    public async Task Lesson_8_a_person_is_online_until_the_last_of_their_devices_has_gone()
    {
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        var id = await ana.CreateAsync(_ben, _cat);
        await using var phone = await RawPeer.WelcomedAsync(gateway, _ben);
        await using var tablet = await RawPeer.WelcomedAsync(gateway, _ben);
        await using var page = await RawPeer.WelcomedAsync(gateway, _ben);
        await using var people = await ana.WatchAsync(id);
        await using var cat = await RawPeer.WelcomedAsync(gateway, _cat);
        await people.ShowsAsync(_ben, p => p.IsOnline, "ben is not shown online");
        await people.ShowsAsync(_cat, p => p.IsOnline, "cat is not shown online");

        var before = people.Of(_ben).Count;
        phone.Socket.Abort();
        await tablet.Socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        // Cat's only device goes after them. When she is shown offline, ben would have been long ago.
        cat.Socket.Abort();
        await people.ShowsAsync(_cat, p => !p.IsOnline, "cat is never shown offline");
        await page.PingAsync();
        people.Of(_ben).Skip(before).ShouldAllBe(person => person.IsOnline);
        people.Now(_ben)!.IsOnline.ShouldBeTrue();

        page.Socket.Abort();
        await people.ShowsAsync(_ben, p => !p.IsOnline && p.LastSeen is not null, "ben is never shown offline");
    }
}
