using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Cluster;

/// <summary>A person is who they are over all of their devices, at whichever nodes those are (§9.3).</summary>
public sealed class PresenceTests(ClusterFixture fixture) : ClusterTest(fixture)
{
    [Fact]
    public async Task Who_is_at_another_node_is_shown_as_they_come_type_read_and_go()
    {
        await using var ana = await AtAsync(0, Ana);
        var id = await ana.CreateAsync(Ben);
        await using var people = await ana.WatchAsync(id);
        await people.ShowsAsync(Ben, person => !person.IsOnline, "ben is shown online before he came");
        await using (var ben = await AtAsync(1, Ben))
        {
            await people.ShowsAsync(Ben, person => person.IsOnline, "ben is not shown online");
            await ana.SaidAsync(id, "read me");
            await ben.HasTextsAsync(id, "read me");
            var offset = ben.Shown(id)[^1].Offset;
            await people.ShowsAsync(Ben, person => person.Delivered == offset, "the delivered receipt does not come");
            await Eventually.EndsAsync((await ben.Client.Conversation(id).MarkReadAsync(offset, Cancel)).Committed);
            await people.ShowsAsync(Ben, person => person.Read == offset, "the read receipt does not come");
            await Eventually.HoldsAsync(
                () => (ben.Client.Conversation(id).Typing(true) || true) && people.Now(Ben)!.IsTyping, () => $"ben is not shown typing: {people.Now(Ben)}");
            ben.Client.Conversation(id).Typing(false);
            await people.ShowsAsync(Ben, person => !person.IsTyping, "ben is shown typing for ever");
        }
        await people.ShowsAsync(Ben, person => !person.IsOnline && person.LastSeen is not null, "ben is never shown offline");
    }

    [Fact]
    public async Task A_person_is_online_while_a_device_of_theirs_is_at_any_node()
    {
        await using var ana = await AtAsync(0, Ana);
        var id = await ana.CreateAsync(Ben, Cat);
        await using var phone = await RawPeer.WelcomedAsync(Node(1), Ben);
        await using var tablet = await RawPeer.WelcomedAsync(Node(2), Ben);
        await using var people = await ana.WatchAsync(id);
        await using var cat = await RawPeer.WelcomedAsync(Node(1), Cat);
        await people.ShowsAsync(Ben, person => person.IsOnline, "ben is not shown online");
        await people.ShowsAsync(Cat, person => person.IsOnline, "cat is not shown online");
        var before = people.Of(Ben).Count;
        phone.Socket.Abort();
        // Cat's only device goes after it, at the same node. When she is shown offline, ben would have been.
        cat.Socket.Abort();
        await people.ShowsAsync(Cat, person => !person.IsOnline, "cat is never shown offline");
        await tablet.PingAsync();
        people.Of(Ben).Skip(before).ShouldAllBe(person => person.IsOnline);
        tablet.Socket.Abort();
        await people.ShowsAsync(Ben, person => !person.IsOnline && person.LastSeen is not null, "ben is never shown offline");
    }

    // Nobody says farewell for them, and Redis knows of nobody.
    [Theory]
    [InlineData(RedisFault.None)]
    [InlineData(RedisFault.Flushed)]
    public async Task People_of_a_node_that_was_killed_go_offline_and_those_of_others_stay(RedisFault redis)
    {
        await using var ana = await AtAsync(0, Ana);
        var id = await ana.CreateAsync(Ben, Cat);
        await using var ben = await RawPeer.WelcomedAsync(Node(2), Ben);
        await using var cat = await RawPeer.WelcomedAsync(Node(1), Cat);
        await using var people = await ana.WatchAsync(id);
        await people.ShowsAsync(Ben, person => person.IsOnline, "ben is not shown online");
        await people.ShowsAsync(Cat, person => person.IsOnline, "cat is not shown online");
        var before = people.Of(Cat).Count;
        await HurtRedisAsync(redis);
        await Cluster.KillAsync(2);
        await people.ShowsAsync(Ben, person => !person.IsOnline && person.LastSeen is not null, "ben is never shown offline");
        await cat.PingAsync();
        people.Of(Cat).Skip(before).ShouldAllBe(person => person.IsOnline);
        (await Cluster.StatusAsync(0)).GetProperty("nodes").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Presence_is_right_again_when_Redis_is_back()
    {
        await using var ana = await AtAsync(0, Ana);
        var id = await ana.CreateAsync(Ben, Cat);
        await using var ben = await RawPeer.WelcomedAsync(Node(1), Ben);
        await using var people = await ana.WatchAsync(id);
        await people.ShowsAsync(Ben, person => person.IsOnline, "ben is not shown online");
        await HurtRedisAsync(RedisFault.Killed);
        await people.ShowsAsync(Ben, person => !person.IsOnline, "ben is shown online by a node that nobody hears");
        await using var cat = await RawPeer.WelcomedAsync(Node(2), Cat);
        await Cluster.HealAsync();
        await people.ShowsAsync(Ben, person => person.IsOnline, "ben is not shown online again");
        await people.ShowsAsync(Cat, person => person.IsOnline, "cat came while nobody heard, and is not shown");
    }
}
