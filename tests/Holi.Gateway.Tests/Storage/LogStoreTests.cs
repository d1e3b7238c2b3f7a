using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage;

/// <summary>What every store keeps, whatever is behind it. Each implementation runs all of it.</summary>
public abstract class LogStoreTests : IAsyncLifetime
{
    private const string Room = "conversation/room";

    private ILogStore _store = null!;
    private Scene _scene = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ILogStore Store => _store;

    /// <summary>An empty store, not yet open.</summary>
    protected abstract ValueTask<ILogStore> CreateAsync();

    public async ValueTask InitializeAsync()
    {
        _store = await CreateAsync();
        await _store.OpenAsync(Cancel);
        _scene = new Scene(_store);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_new_store_has_nothing()
    {
        (await _store.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel)).ShouldBeEmpty();
        (await _store.ReadMembershipAsync(Scene.Tenant, "ana", Room, Cancel)).ShouldBeNull();
        (await _store.FindCheckAsync(1, 1, 1, Cancel)).ShouldBeNull();
        await using var batch = await _store.BeginAsync(KeysOf("ana"), Cancel);
        batch.State.Devices.ShouldBeEmpty();
        batch.State.Topics.ShouldBeEmpty();
        batch.State.DeviceCounts[(Scene.Tenant, "ana")].ShouldBe(0);
    }

    [Fact]
    public async Task What_is_not_committed_is_not_there()
    {
        await using (var batch = await _store.BeginAsync(KeysOf("ana"), Cancel))
        {
            new CommitPlanner(new CommitLimits()).Plan([new Device(_scene, new DeviceKey(Scene.Tenant, "ana", "phone")).Hello(0)], batch.State, 1);
        }
        (await _store.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel)).ShouldBeEmpty();
        await using var next = await _store.BeginAsync(KeysOf("ana"), Cancel);
        next.State.Devices.ShouldBeEmpty();
        next.State.LastBatch.ShouldBe(0UL);
    }

    [Fact]
    public async Task Each_commit_counts_one_batch_and_nothing_else_does()
    {
        _scene.Connect("ana");
        _scene.Run(new SubmitDelivered(new TopicKey(Scene.Tenant, "conversation/none"), "ana", 1));
        _scene.Connect("ben");
        await using var batch = await _store.BeginAsync(KeysOf("ana"), Cancel);
        batch.State.LastBatch.ShouldBe(2UL);
    }

    [Fact]
    public async Task A_device_comes_back_as_it_was_committed()
    {
        var ana = _scene.Connect("ana");
        ana.Open(ana.Generation, opening: long.MaxValue).ShouldBe(HoliCode.None);
        ana.Send("conversation/none", MessageTypes.MessagePost, new MessagePost("x"));
        await using var batch = await _store.BeginAsync(KeysOf("ana"), Cancel);
        var device = batch.State.Devices[ana.Key];
        (device.DeviceId, device.Generation, device.Committed, device.Digest, device.Fence, device.Opening)
            .ShouldBe((ana.Opening.DeviceId, ana.Generation, 1UL, ana.Digest, ana.Fence, (ulong)long.MaxValue));
        batch.State.DeviceCounts[(Scene.Tenant, "ana")].ShouldBe(1);
    }

    [Fact]
    public void Tenants_users_and_devices_of_one_name_are_apart()
    {
        var devices = new[] { _scene.Connect("ana"), _scene.Connect("ana", "tablet"), _scene.Connect("ben"), _scene.Connect("ana", tenant: "other") };
        devices.Select(d => d.Opening.DeviceId).Distinct().Count().ShouldBe(4);
        _scene.See("ana", "user/ana")!.TopicId.ShouldNotBe(_scene.See("ana", "user/ana", "other")!.TopicId);
    }

    [Fact]
    public async Task Events_come_ascending_within_both_bounds()
    {
        var id = PostMany(10, size: 100);
        (await Offsets(0, 100, 1 << 20)).ShouldBe(Range(1, 11));
        (await Offsets(4, 3, 1 << 20)).ShouldBe(Range(5, 3));
        (await Offsets(4, 100, 250)).ShouldBe(Range(5, 2));
        (await Offsets(4, 100, 1)).ShouldBe(Range(5, 1));
        (await Offsets(11, 100, 1 << 20)).ShouldBeEmpty();

        async Task<ulong[]> Offsets(ulong after, int count, int bytes) =>
            [.. (await _store.ReadEventsAsync(id, after, count, bytes, Cancel)).Select(e => e.Offset)];
    }

    [Fact]
    public async Task History_gives_the_newest_before_ascending_within_both_bounds()
    {
        var id = PostMany(10, size: 100);
        (await Offsets(1, 100, 100, 1 << 20)).ShouldBe(Range(1, 11));
        (await Offsets(1, 9, 3, 1 << 20)).ShouldBe(Range(6, 3));
        (await Offsets(7, 9, 100, 1 << 20)).ShouldBe(Range(7, 2));
        (await Offsets(1, 12, 100, 250)).ShouldBe(Range(10, 2));
        (await Offsets(1, 12, 100, 1)).ShouldBe(Range(11, 1));
        (await Offsets(5, 5, 100, 1 << 20)).ShouldBeEmpty();

        async Task<ulong[]> Offsets(ulong first, ulong before, int count, int bytes) =>
            [.. (await _store.ReadEventsBackAsync(id, first, before, count, bytes, Cancel)).Select(e => e.Offset)];
    }

    [Fact]
    public void An_event_comes_back_as_it_was_committed()
    {
        var (topic, devices) = _scene.Conversation();
        _scene.NowMs = 77_000;
        var command = devices[0].Post(topic, "hello \u00e9\u4e16");
        var appended = _scene.Run(command).Appended.Single().Events.Single();
        var stored = _scene.Events("ana", topic)[^1];
        stored.ShouldBe(appended with { Payload = stored.Payload });
        stored.Payload.ShouldBe(command.Payload);
        stored.ShouldBe(new StoredEvent(
            _scene.See("ana", topic)!.TopicId, 2, 77_000, 1, MessageTypes.MessagePost, stored.Payload,
            new CommandIdentity(devices[0].Opening.DeviceId, devices[0].Generation, 2), command.Check.First8));
    }

    [Fact]
    public void A_large_payload_comes_back_whole()
    {
        var (topic, devices) = _scene.Conversation();
        var text = new string('x', WireLimits.TextBytesMax);
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost(text)).ShouldBe(HoliCode.None);
        _scene.Events("ana", topic)[^1].Payload.ShouldBe(new MessagePost(text).ToBytes());
    }

    [Fact]
    public async Task Memberships_are_the_users_own_first_and_only_theirs()
    {
        _scene.Conversation(("ben", MemberRole.Observer));
        var other = _scene.Connect("zoe");
        other.Send("conversation/theirs", MessageTypes.ConversationCreate, new ConversationCreate("Theirs", []));
        var memberships = await _store.ReadMembershipsAsync(Scene.Tenant, "ben", Cancel);
        memberships.Select(m => m.Name).ShouldBe(["user/ben", Room]);
        memberships[1].ShouldBe(await _store.ReadMembershipAsync(Scene.Tenant, "ben", Room, Cancel));
        (await _store.ReadMembershipAsync(Scene.Tenant, "ben", "conversation/theirs", Cancel)).ShouldBeNull();
        (await _store.ReadMembershipAsync("other", "ben", Room, Cancel)).ShouldBeNull();
        (await _store.ReadMembershipsAsync("other", "ben", Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_roster_is_of_the_present_by_number()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member), ("cai", MemberRole.Admin));
        devices[1].Send(topic, MessageTypes.ConversationLeave, []).ShouldBe(HoliCode.None);
        var id = _scene.See("ana", topic)!.TopicId;
        var roster = await _store.ReadMembersAsync(id, Cancel);
        roster.Select(m => (m.Number, m.User, m.Role)).ShouldBe([(1u, "ana", MemberRole.Owner), (3u, "cai", MemberRole.Admin)]);
        (await _store.ReadMembershipAsync(Scene.Tenant, "ben", topic, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Refusals_of_a_generation_are_found_between_two_seqs()
    {
        var ana = _scene.Connect("ana");
        ana.Send("conversation/none", MessageTypes.MessagePost, new MessagePost("1")).ShouldBe(HoliCode.NotFound);
        ana.Send("conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
        ana.Send("conversation/room", 999, []).ShouldBe(HoliCode.Unsupported);
        var id = ana.Opening.DeviceId;
        (await _store.ReadRefusalsAsync(id, ana.Generation, 0, 3, Cancel))
            .ShouldBe([new Refusal(1, HoliCode.NotFound), new Refusal(3, HoliCode.Unsupported)]);
        (await _store.ReadRefusalsAsync(id, ana.Generation, 1, 3, Cancel)).ShouldBe([new Refusal(3, HoliCode.Unsupported)]);
        (await _store.ReadRefusalsAsync(id, ana.Generation, 0, 2, Cancel)).ShouldBe([new Refusal(1, HoliCode.NotFound)]);
        (await _store.ReadRefusalsAsync(id, ana.Generation + 1, 0, 3, Cancel)).ShouldBeEmpty();
        (await _store.ReadRefusalsAsync(id + 1, ana.Generation, 0, 3, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_check_of_a_committed_command_is_found()
    {
        var (topic, devices) = _scene.Conversation();
        var post = devices[0].Post(topic, "x");
        _scene.Run(post, devices[0].Next(topic, MessageTypes.ReadMark, new ReadMark(1).ToBytes()));
        var id = devices[0].Opening.DeviceId;
        (await _store.FindCheckAsync(id, post.Generation, post.Seq, Cancel)).ShouldBe(post.Check.First8);
        (await _store.FindCheckAsync(id, post.Generation, post.Seq + 1, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Heads_are_those_of_the_topics_that_there_are()
    {
        (await _store.ReadHeadsAsync([1, 2], Cancel)).ShouldBeEmpty();
        var room = PostMany(3, size: 10);
        var own = _scene.See("ana", "user/ana")!.TopicId;
        (await _store.ReadHeadsAsync([room, own, 999_999], Cancel)).ShouldBe([(room, 4UL), (own, 1UL)], ignoreOrder: true);
        (await _store.ReadHeadsAsync([], Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fence_is_that_of_the_latest_opening()
    {
        var (ana, ben) = (_scene.Connect("ana"), _scene.Connect("ben"));
        ana.Open(ana.Generation).ShouldBe(HoliCode.None);
        ana.Fence.ShouldBe(2UL);
        (await _store.ReadFencesAsync([ana.Opening.DeviceId, 999_999, ben.Opening.DeviceId], Cancel))
            .ShouldBe([(ana.Opening.DeviceId, 2UL), (ben.Opening.DeviceId, 1UL)], ignoreOrder: true);
    }

    [Fact]
    public void An_erased_event_keeps_its_place_time_and_sender()
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("secret"));
        var before = _scene.Events("ana", topic)[1];
        devices[0].Send(topic, MessageTypes.MessageDelete, new MessageDelete(2)).ShouldBe(HoliCode.None);
        var after = _scene.Events("ana", topic)[1];
        after.ShouldBe(before with { Type = MessageTypes.MessageErased, Payload = after.Payload });
        after.Payload.ShouldBe([0x90]);
    }

    [Fact]
    public void A_name_that_no_database_can_hold_is_not_found_and_stops_nobody()
    {
        var ana = _scene.Connect("ana");
        ana.Send("conversation/a\0b", MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.NotFound);
        ana.Send("conversation/a\0b", MessageTypes.MessageDelete, new MessageDelete(1)).ShouldBe(HoliCode.NotFound);
        ana.Send("conversation/a\0b", MessageTypes.ConversationLeave, []).ShouldBe(HoliCode.NotFound);
        ana.Send(Room, MessageTypes.ConversationCreate, new ConversationCreate("a\0b", [])).ShouldBe(HoliCode.RefusedPayload);
        ana.Send(Room, MessageTypes.ConversationCreate, new ConversationCreate("a \u4e16", [])).ShouldBe(HoliCode.None);
        _scene.See("ana", Room)!.Title.ShouldBe("a \u4e16");
        _scene.See("ana", "conversation/a\0b").ShouldBeNull();
    }

    private long PostMany(int count, int size)
    {
        var (topic, devices) = _scene.Conversation();
        _scene.Run([.. Enumerable.Range(0, count).Select(_ => devices[0].Post(topic, new string('x', size)))]);
        return _scene.See("ana", topic)!.TopicId;
    }

    private static ulong[] Range(int first, int count) => [.. Enumerable.Range(first, count).Select(i => (ulong)i)];

    private static BatchKeys KeysOf(string user)
    {
        var keys = new BatchKeys();
        keys.Devices.Add(new DeviceKey(Scene.Tenant, user, "phone"));
        keys.DeviceCounts.Add((Scene.Tenant, user));
        keys.Topics.Add(new TopicKey(Scene.Tenant, TopicName.User(user)));
        return keys;
    }
}

/// <summary>The store that the rules are tested on is one, too.</summary>
public sealed class MemoryLogStoreTests : LogStoreTests
{
    protected override ValueTask<ILogStore> CreateAsync() => ValueTask.FromResult<ILogStore>(new MemoryLogStore());
}
