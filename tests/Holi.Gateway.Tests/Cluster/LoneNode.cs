using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Topics;
using Holi.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>A gateway's inside as GatewayNode puts it together, without sockets: its hub, its people, its part of the cluster.</summary>
internal sealed class LoneNode : IAsyncDisposable
{
    private readonly ILogStore _store;
    private readonly CancellationTokenSource _stopping = new();

    public LoneNode(ILogStore store, ILine line, GatewayLimits? limits = null)
    {
        _store = store;
        Limits = limits ?? new GatewayLimits();
        People = new People(Limits, TimeProvider.System);
        var setup = new ClusterSetup(line);
        Hub = new TopicHub(Limits, People, TimeProvider.System, 0, isShared: true) { Interest = setup.Interest };
        Cluster = new ClusterNode(setup, store, Limits, Hub, People, Revoked, TimeProvider.System, NullLogger.Instance);
        Holes = new HoleReader(Hub, store, Limits, TimeProvider.System, _stopping.Token);
        Scene = new Scene(store);
        Cluster.Start();
    }

    public GatewayLimits Limits { get; }
    public People People { get; }
    public TopicHub Hub { get; }
    public ClusterNode Cluster { get; }
    public HoleReader Holes { get; }
    public RevokedTokens Revoked { get; } = new(100);

    /// <summary>Commits on the log; nobody hears of it before <see cref="Tell"/>.</summary>
    public Scene Scene { get; }

    /// <summary>Publishes what the scene committed last.</summary>
    public void Tell() => Cluster.Committed(Scene.Last);

    /// <summary>A connection that follows a topic.</summary>
    public Follow Join(string user, string topic)
    {
        var marks = new ConnectionMarks(Scene.Tenant, user, 10, () => { });
        People.Connect(marks).ShouldBeTrue();
        var batch = Hub.Batch;
        var membership = _store.ReadMembershipAsync(Scene.Tenant, user, topic, default).AsTask().GetAwaiter().GetResult()!;
        Hub.TryFollow(membership, Scene.Tenant, batch, t => new Follow(t, marks, membership), out var follow).ShouldBeTrue();
        return follow!;
    }

    /// <summary>As Join, and the topic's people.</summary>
    public Room Watch(Follow follow)
    {
        var room = Hub.Watch(follow);
        Hub.TryLoad(follow, room, _store.ReadMembersAsync(follow.Topic.TopicId, default).AsTask().GetAwaiter().GetResult(), follow.Topic.Head).ShouldBeTrue();
        return room;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Cluster.DisposeAsync();
        _stopping.Dispose();
    }

    internal sealed class Follow(HubTopic topic, ConnectionMarks marks, Membership membership)
        : Follower(topic, marks, Math.Max(1, membership.Member.FirstOffset), membership.Member.Number);
}
