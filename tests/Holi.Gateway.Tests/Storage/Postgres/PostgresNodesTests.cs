using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>Several gateways on one log: offsets stay dense, nothing is lost or applied twice, and nobody fails because of another.</summary>
public sealed class PostgresNodesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task L_what_another_gateway_commits_and_nothing_else_shows_in_how_far_others_have_come()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await Node.StartAsync(database);
        var alone = await one.Store.ReadOthersAsync(Cancel);
        await using var two = await Node.StartAsync(database);
        var both = await one.Store.ReadOthersAsync(Cancel);
        both.ShouldNotBe(alone, "another came");
        await new RemoteDevice(new DeviceKey(Scene.Tenant, "ana", "phone")).OpenAsync(one.Committer);
        (await one.Store.ReadOthersAsync(Cancel)).ShouldBe(both, "only this one wrote");
        await new RemoteDevice(new DeviceKey(Scene.Tenant, "ben", "phone")).OpenAsync(two.Committer);
        (await one.Store.ReadOthersAsync(Cancel)).ShouldNotBe(both);
    }

    [Fact]
    public async Task O_many_devices_of_two_gateways_write_to_the_same_and_to_different_topics_at_once()
    {
        const int devices = 12, posts = 60;
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await Node.StartAsync(database);
        await using var two = await Node.StartAsync(database);
        // All of them at once and from nothing: own topics, devices and the shared conversations are made by both.
        var people = Enumerable.Range(0, devices).Select(i => $"user{i}").ToArray();
        await Task.WhenAll(people.Select((user, i) => WriteAsync(i % 2 == 0 ? one : two, user, i)));

        foreach (var node in (Node[])[one, two])
        {
            node.Committer.Counts.Failures.ShouldBe(0, node.Committer.Health.Reason);
            node.Committer.Health.IsHealthy.ShouldBeTrue();
        }
        (await database.AskAsync<long>("select deadlocks from pg_stat_database where datname = current_database()")).ShouldBe(0);
        foreach (var (user, i) in people.Select((user, i) => (user, i)))
        {
            foreach (var name in (string[])["conversation/all", $"conversation/of-{i}"])
            {
                var seen = (await one.Store.ReadMembershipAsync(Scene.Tenant, user, name, Cancel))!;
                var events = await two.Store.ReadEventsAsync(seen.TopicId, 0, int.MaxValue, int.MaxValue, Cancel);
                events.Select(e => e.Offset).ShouldBe(Enumerable.Range(1, (int)seen.Head).Select(o => (ulong)o));
                var own = events.Where(e => e.Member == seen.Member.Number && e.Type == MessageTypes.MessagePost).ToList();
                own.Count.ShouldBe(posts / 2, $"{user} in {name}");
                own.Select(e => e.Identity.Seq).ShouldBe(own.Select(e => e.Identity.Seq).Order(), "in their own order");
            }
        }

        async Task WriteAsync(Node node, string user, int i)
        {
            var phone = new RemoteDevice(new DeviceKey(Scene.Tenant, user, "phone"));
            await phone.OpenAsync(node.Committer);
            await phone.SendAsync(node.Committer, $"conversation/of-{i}", MessageTypes.ConversationCreate, new ConversationCreate(null, []).ToBytes());
            // Whoever is first makes it, with everybody; to the others it is taken.
            await phone.SendAsync(
                node.Committer, "conversation/all", MessageTypes.ConversationCreate,
                new ConversationCreate("All", [.. people.Where(p => p != user).Select(p => new NewMember(p, MemberRole.Member))]).ToBytes());
            for (var n = 0; n < posts; n++)
            {
                var topic = n % 2 == 0 ? "conversation/all" : $"conversation/of-{i}";
                await phone.SendAsync(node.Committer, topic, MessageTypes.MessagePost, new MessagePost($"{n}").ToBytes());
            }
        }
    }

    [Fact]
    public async Task A_topic_and_a_person_that_two_gateways_make_at_once_come_to_one()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await Node.StartAsync(database);
        await using var two = await Node.StartAsync(database);
        var (ana, ben) = (new RemoteDevice(new DeviceKey(Scene.Tenant, "ana", "phone")), new RemoteDevice(new DeviceKey(Scene.Tenant, "ben", "phone")));
        await Task.WhenAll(ana.OpenAsync(one.Committer), ben.OpenAsync(two.Committer));
        for (var i = 0; i < 30; i++)
        {
            var create = new ConversationCreate(null, [new NewMember($"new{i}", MemberRole.Member)]).ToBytes();
            var name = $"conversation/c{i}";
            await Task.WhenAll(
                ana.SendAsync(one.Committer, name, MessageTypes.ConversationCreate, create),
                ben.SendAsync(two.Committer, name, MessageTypes.ConversationCreate, create));
            var codes = ((RemoteDevice[])[ana, ben]).Select(d => d.Refusals.SingleOrDefault(r => r.Seq == (ulong)i + 1).Code);
            codes.ShouldBe([HoliCode.None, HoliCode.NotFound], ignoreOrder: true);
            (await one.Store.ReadMembershipsAsync(Scene.Tenant, $"new{i}", Cancel)).Select(m => (m.Name, m.Head)).ShouldBe([($"user/new{i}", 1UL), (name, 2UL)]);
        }
        (one.Committer.Counts.Failures, two.Committer.Counts.Failures).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_device_that_opens_on_several_gateways_at_once_gets_one_fence_after_the_other_and_the_last_one_counts()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await Node.StartAsync(database);
        await using var two = await Node.StartAsync(database);
        var key = new DeviceKey(Scene.Tenant, "ana", "phone");
        var openings = Enumerable.Range(0, 20).Select(_ => new RemoteDevice(key)).ToArray();
        await Task.WhenAll(openings.Select((opening, i) => opening.OpenAsync(i % 2 == 0 ? one.Committer : two.Committer)));
        openings.Select(o => o.Fence).Order().ShouldBe(Enumerable.Range(1, 20).Select(i => (ulong)i));
        openings.Select(o => o.DeviceId).Distinct().ShouldHaveSingleItem();
        foreach (var opening in openings.OrderBy(o => o.Fence).SkipLast(1))
        {
            await opening.SendAsync(one.Committer, "conversation/late", MessageTypes.ConversationCreate, new ConversationCreate(null, []).ToBytes());
            opening.Closed.ShouldBe(HoliCode.Fenced);
        }
        (await two.Store.ReadFencesAsync([openings[0].DeviceId], Cancel)).ShouldBe([(openings[0].DeviceId, 20UL)]);
        (await two.Store.ReadMembershipAsync(Scene.Tenant, "ana", "conversation/late", Cancel)).ShouldBeNull("a fenced opening commits nothing");
    }

    [Fact]
    public async Task X_who_does_not_belong_to_a_topic_waits_for_none_of_its_writers_and_is_answered_as_if_it_were_not_there()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await database.OpenAsync();
        await using var two = await database.OpenAsync(o => o with { LockTimeout = TimeSpan.FromMilliseconds(50) });
        var (scene, elsewhere) = (new Scene(one), new Scene(two));
        var (topic, devices) = scene.Conversation();
        var eve = elsewhere.Connect("eve");
        await using var held = await one.BeginAsync(CommitPlanner.Keys([devices[0].Post(topic, "x")]), Cancel);
        foreach (var (name, answer) in ((string, HoliCode)[])[(topic, HoliCode.NotFound), ("conversation/none", HoliCode.NotFound)])
        {
            foreach (var command in (SubmitCommand[])
                [
                    eve.Post(name, "y"),
                    eve.Next(name, MessageTypes.MemberAdd, new MemberAdd("eve", MemberRole.Member).ToBytes()),
                    eve.Next(name, MessageTypes.ConversationLeave, []),
                    eve.Next(name, MessageTypes.MessageDelete, new MessageDelete(1).ToBytes()),
                ])
            {
                var outcome = await new CommitRun(new CommitPlanner(new CommitLimits()), [command]).AttemptAsync(two, 1, Cancel);
                outcome.Committed.Single().Refusals.Single().Code.ShouldBe(answer);
            }
        }
        var take = eve.Next(topic, MessageTypes.ConversationCreate, new ConversationCreate(null, []).ToBytes());
        (await new CommitRun(new CommitPlanner(new CommitLimits()), [take]).AttemptAsync(two, 1, Cancel))
            .Committed.Single().Refusals.Single().Code.ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public async Task A_member_that_one_gateway_added_writes_through_the_other_at_once_and_not_any_more_once_removed()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await database.OpenAsync();
        await using var two = await database.OpenAsync();
        var (scene, elsewhere) = (new Scene(one), new Scene(two));
        var (topic, devices) = scene.Conversation();
        var ben = elsewhere.Connect("ben");
        for (var i = 0; i < 20; i++)
        {
            ben.Send(topic, MessageTypes.MessagePost, new MessagePost("not yet")).ShouldBe(HoliCode.NotFound);
            devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member)).ShouldBe(HoliCode.None);
            ben.Send(topic, MessageTypes.MessagePost, new MessagePost("now")).ShouldBe(HoliCode.None);
            devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben")).ShouldBe(HoliCode.None);
        }
    }

    /// <summary>A committer on a store of its own.</summary>
    private sealed class Node : IAsyncDisposable, ICommitListener
    {
        private Node(PostgresLogStore store) => (Store, Committer) =
            (store, new Committer(store, this, new CommitLimits(), TimeProvider.System, NullLogger<Committer>.Instance));

        public PostgresLogStore Store { get; }
        public Committer Committer { get; }

        public static async Task<Node> StartAsync(PostgresDatabase database)
        {
            var node = new Node(await database.OpenAsync());
            node.Committer.Start();
            return node;
        }

        public void Committed(BatchOutcome outcome)
        {
        }

        public async ValueTask DisposeAsync()
        {
            await Committer.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}
