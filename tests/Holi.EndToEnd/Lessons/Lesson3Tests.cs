using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Lessons;

/// <summary>"Typing and joins were queued and replayed stale."</summary>
public sealed class Lesson3Tests(SharedGateway shared)
{
    [Fact]
    public async Task Lesson_3_typing_is_now_or_never_and_ends_by_itself()
    {
        var gateway = await shared.StartedAsync();
        var (anasName, bensName) = (SharedGateway.Somebody("ana"), SharedGateway.Somebody("ben"));
        await using var ana = await AppDevice.StartAsync(gateway, anasName);
        await using var ben = await AppDevice.StartAsync(gateway, bensName);
        var id = await ana.CreateAsync(bensName);
        await ana.SaidAsync(id, "hello");
        await ben.HasTextsAsync(id, "hello");
        await using var people = await ben.WatchAsync(id);
        await people.ShowsAsync(anasName, p => p.IsOnline, "ana is not shown online");

        // Without a network it is not kept: nothing of it comes later, before or after what is queued.
        ana.GoOffline();
        await Eventually.HoldsAsync(() => ana.State != ConnectionState.Ready, "ana does not notice");
        ana.Client.Conversation(id).Typing(true).ShouldBeFalse();
        await ana.SayAsync(id, "written offline");
        ana.Client.Status.QueuedCommands.ShouldBe(1, "typing is never queued");
        ana.GoOnline();
        await ben.HasTextsAsync(id, "hello", "written offline");
        people.Of(anasName).ShouldAllBe(person => !person.IsTyping);

        // With one it comes; and when the network dies before "stopped" was said, it ends by itself and is not replayed.
        await ana.IsAsync(ConnectionState.Ready);
        ana.Client.Conversation(id).Typing(true).ShouldBeTrue();
        await people.ShowsAsync(anasName, p => p.IsTyping, "ana is not shown typing");
        ana.GoOffline();
        await people.ShowsAsync(anasName, p => !p.IsTyping, "ana types for ever");
        var before = people.Of(anasName).Count;
        ana.GoOnline();
        await ana.SaidAsync(id, "back");
        await ben.HasTextsAsync(id, "hello", "written offline", "back");
        people.Of(anasName).Skip(before).ShouldAllBe(person => !person.IsTyping);
    }
}
