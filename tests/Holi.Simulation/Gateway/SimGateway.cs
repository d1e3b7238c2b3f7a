using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Presence;
using Holi.Gateway.Topics;
using Holi.Simulation.Line;
using Holi.Simulation.Log;
using Holi.Simulation.Log.Shared;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holi.Simulation.Gateway;

/// <summary>One life of the gateway's process: the real hub, people, connections and committing rules, wired as GatewayNode wires them.</summary>
internal sealed class SimGateway
{
    private readonly List<SimLink> _links = [];

    public SimGateway(Run run, GatewayPlaces places, int place)
    {
        var limits = run.GatewayLimits;
        (Run, Place) = (run, place);
        Random = run.Random.Split($"gateway{places.Lives}");
        Process = new SimProcess(run.Time);
        Shared = places.Server is { } server ? new SharedLogStore(run, server, Process) : null;
        Store = Shared ?? new SimLogStore(run, run.Disk, Process);
        People = new People(limits, run.Time);
        var cluster = Shared is null ? null : ClusterOf(run);
        Hub = new TopicHub(limits, People, run.Time, run.Time.UnixMs, isShared: cluster is not null) { Interest = cluster?.Interest };
        Cluster = cluster is null ? null : Join(cluster);
        Around = new Surroundings(limits, Hub, People, new DeviceTable(), Cluster);
        Committer = new SimCommitter(this, (ICommitListener?)Cluster ?? Hub, run.CommitLimits);
        _ = new SimHoles(this);
        Process.After(limits.SweepInterval, Sweep);
        Cluster?.Start();
    }

    public Run Run { get; }
    /// <summary>Where it runs, of all places.</summary>
    public int Place { get; }
    public SimRandom Random { get; }
    public SimProcess Process { get; }
    public SimLogStore Store { get; }
    /// <summary>The same store, where others write it, too.</summary>
    public SharedLogStore? Shared { get; }
    /// <summary>The other gateways; null where there are none.</summary>
    public ClusterNode? Cluster { get; }
    /// <summary>Its end of the line to them; null where there is none.</summary>
    public SimLine? Line { get; private set; }
    public People People { get; }
    public TopicHub Hub { get; }
    public Surroundings Around { get; }
    public SimCommitter Committer { get; }
    public List<SimConnection> Connections { get; } = [];

    public bool IsDraining { get; private set; }

    public Instant Now => new(Run.Time.Now, Run.Time.UnixMs);

    public bool Takes => Process is { IsAlive: true, IsStopped: false } && !IsDraining;

    /// <summary>The machine takes the socket; the process, when it is not stopped.</summary>
    public void Accept(SimLink link)
    {
        _links.RemoveAll(l => l.IsOver);
        _links.Add(link);
        if (Process.IsStopped)
            Run.Saw(Sight.AcceptedWhileStopped);
        Process.Run(() =>
        {
            var connection = new SimConnection(this, link);
            link.Accept(connection);
            Connections.Add(connection);
            if (IsDraining)
                connection.Drain();
        });
    }

    /// <summary>SIGTERM: says GoAway, finishes what it has, ends.</summary>
    public void Drain(Action ended)
    {
        IsDraining = true;
        Run.Saw(Sight.GatewayDrained);
        if (!Committer.IsIdle)
            Run.Saw(Sight.DrainedWithCommandsInFlight);
        foreach (var connection in Connections.ToArray())
            connection.Drain();
        Process.After(TimeSpan.FromMilliseconds(200), () => WaitForEnd(TimeSpan.FromSeconds(8), ended));
    }

    /// <summary>SIGKILL, or the power fails.</summary>
    public void Kill(bool power)
    {
        Process.Kill();
        if (Store.Unanswered)
            Run.Saw(Sight.CrashBetweenCommitAndReply);
        Line?.Gone();
        var isSilent = Shared is not null && power && Random.Chance(0.5);
        if (Shared is null)
            Run.Disk.Crash(power);
        else
            Shared.Lost(isSilent);
        foreach (var link in _links)
            link.GatewayGone(silently: Shared is null ? power && Random.Chance(0.5) : isSilent);
    }

    public void Pause()
    {
        Process.Stop();
        Run.Saw(Sight.GatewayPaused);
    }

    public void Continue()
    {
        Process.Continue();
        foreach (var link in _links)
            link.Up.Drain();
    }

    private void WaitForEnd(TimeSpan left, Action ended)
    {
        if ((Connections.Count == 0 && Committer.IsIdle) || left <= TimeSpan.Zero)
        {
            Leave(ended);
            return;
        }
        foreach (var connection in Connections.ToArray())
            connection.Poll();
        Process.After(TimeSpan.FromMilliseconds(100), () => WaitForEnd(left - TimeSpan.FromMilliseconds(100), ended));
    }

    // What it still has to say to the others is said, for as long as that takes or half a second.
    private void Leave(Action ended)
    {
        if (Cluster is null)
            End(ended);
        else
            _ = LeaveAsync(Cluster, ended);
    }

    private async Task LeaveAsync(ClusterNode cluster, Action ended)
    {
        var patience = new TaskCompletionSource();
        Process.After(TimeSpan.FromMilliseconds(500), () => patience.TrySetResult());
        await Task.WhenAny(cluster.LeaveAsync(CancellationToken.None), patience.Task).ConfigureAwait(false);
        End(ended);
    }

    private void End(Action ended)
    {
        Kill(power: false);
        ended();
    }

    private ClusterSetup ClusterOf(Run run)
    {
        Line = run.Scenario.Sizes.NoLine ? null : new SimLine(run.Exchange, Process);
        return new ClusterSetup((ILine?)Line ?? new NoLine()) { Begin = BeginAside };
    }

    private ClusterNode Join(ClusterSetup setup)
    {
        var clock = new ProcessClock(Run.Time, Process);
        var node = new ClusterNode(setup, Store, Run.GatewayLimits, Hub, People, new RevokedTokens(1), clock, NullLogger.Instance);
        if (Line is not null && PlantedHearing.Concerns(Run.Bug))
            Line.Planted = new PlantedHearing(this, node).Take;
        return node;
    }

    // What the real one does on the thread pool happens a moment later.
    private Task BeginAside(Func<Task> work)
    {
        var done = new TaskCompletionSource();
        Process.After(Random.Duration(0.01, 1), () => _ = FinishAsync());
        return done.Task;

        async Task FinishAsync()
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                Run.Fault("a gateway among others", fault);
            }
            done.TrySetResult();
        }
    }

    private void Sweep()
    {
        foreach (var connection in Connections.ToArray())
            connection.Poll();
        Run.Guard("the gateway's sweep", () =>
        {
            Hub.Sweep();
            People.Sweep();
        });
        if (Committer.Inbox.Count > 2 * Run.CommitLimits.QueueInputsMax)
            Run.Fail('B', $"{Committer.Inbox.Count} inputs wait for the committer.");
        if (Connections.Count == 0 && Hub.Topics > 0)
            Run.Fail('B', $"Nobody is connected and the hub knows {Hub.Topics} topics.");
        Process.After(Around.Limits.SweepInterval, Sweep);
    }
}
