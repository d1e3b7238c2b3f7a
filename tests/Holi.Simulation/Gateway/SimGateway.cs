using Holi.Gateway;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Simulation.Log;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Gateway;

/// <summary>One life of the gateway's process: the real hub, people, connections and committing rules, wired as GatewayNode wires them.</summary>
internal sealed class SimGateway
{
    private readonly List<SimLink> _links = [];

    public SimGateway(Run run, GatewayLimits limits, CommitLimits commits)
    {
        Run = run;
        Random = run.Random.Split($"gateway{run.GatewayLives}");
        Process = new SimProcess(run.Time);
        Store = new SimLogStore(run, run.Disk, Process);
        People = new People(limits, run.Time);
        Hub = new TopicHub(limits, People, run.Time, run.Time.UnixMs);
        Around = new Surroundings(limits, Hub, People, new DeviceTable());
        Committer = new SimCommitter(run, Process, Store, Hub, commits);
        _ = new SimHoles(this);
        Process.After(limits.SweepInterval, Sweep);
    }

    public Run Run { get; }
    public SimRandom Random { get; }
    public SimProcess Process { get; }
    public ILogStore Store { get; }
    public People People { get; }
    public TopicHub Hub { get; }
    public Surroundings Around { get; }
    public SimCommitter Committer { get; }
    public List<SimConnection> Connections { get; } = [];

    /// <summary>A batch is on disk, and nobody was told.</summary>
    public bool Unanswered { get; set; }

    public bool IsDraining { get; private set; }

    public Instant Now => new(Run.Time.Now, Run.Time.UnixMs);

    public bool Takes => Process is { IsAlive: true, IsStopped: false } && !IsDraining;

    public void Accept(SimLink link)
    {
        var connection = new SimConnection(this, link);
        link.Accept(connection);
        Connections.Add(connection);
        _links.RemoveAll(l => l.IsOver);
        _links.Add(link);
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
        if (Unanswered)
            Run.Saw(Sight.CrashBetweenCommitAndReply);
        Run.Disk.Crash(power);
        foreach (var link in _links)
            link.GatewayGone(silently: power && Random.Chance(0.5));
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
            Kill(power: false);
            ended();
            return;
        }
        foreach (var connection in Connections.ToArray())
            connection.Poll();
        Process.After(TimeSpan.FromMilliseconds(100), () => WaitForEnd(left - TimeSpan.FromMilliseconds(100), ended));
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
