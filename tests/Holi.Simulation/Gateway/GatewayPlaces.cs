using Holi.Simulation.Device;
using Holi.Simulation.Log.Shared;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;

namespace Holi.Simulation.Gateway;

/// <summary>
/// Where gateways run: one place with the log to itself, or several around one log. In each there is one life of a gateway after the other. Where there
/// are several, something stands before them that shares devices out, and does not know which of them is stopped.
/// </summary>
internal sealed class GatewayPlaces
{
    private readonly Run _run;
    private readonly SimGateway?[] _places;

    public GatewayPlaces(Run run)
    {
        _run = run;
        _places = new SimGateway?[Math.Max(1, run.Scenario.Sizes.Gateways)];
        if (AreSeveral)
            Server = new LogServer(run, run.Disk);
    }

    public bool AreSeveral => _places.Length > 1;

    /// <summary>The log's, where there are several.</summary>
    public LogServer? Server { get; }

    /// <summary>Lives of gateways that have begun.</summary>
    public int Lives { get; private set; }

    public bool AreIdle => Array.TrueForAll(_places, g => g!.Committer.IsIdle);

    public void StartAll()
    {
        for (var place = 0; place < _places.Length; place++)
            Start(place);
    }

    /// <summary>Kills one.</summary>
    public void Stop(int place, bool power, TimeSpan downtime)
    {
        if (At(place) is not { Process.IsAlive: true } gateway)
            return;
        _run.Saw(Sight.GatewayCrash);
        gateway.Kill(power);
        StartAfter(downtime, place);
    }

    public void Drain(int place, TimeSpan downtime)
    {
        if (At(place) is { Takes: true } gateway)
            gateway.Drain(() => StartAfter(downtime, place));
    }

    public void Pause(int place, TimeSpan time)
    {
        if (At(place) is not { Takes: true } gateway)
            return;
        gateway.Pause();
        _run.Time.After(time, gateway.Continue);
    }

    /// <summary>Its subscriptions are gone, and nobody noticed.</summary>
    public void Deafen(int place, TimeSpan until)
    {
        if (At(place) is not { Line: { } line })
            return;
        _run.Saw(Sight.GatewayWentDeaf);
        line.DeafUntil = until;
    }

    /// <summary>It cannot reach the log, while others can.</summary>
    public void CutFromLog(int place, TimeSpan until)
    {
        if (At(place) is not { Shared: { } log })
            return;
        _run.Saw(Sight.GatewayCutFromLog);
        log.CutUntil = until;
    }

    /// <summary>An older copy took the log's place. Who shares it finds out, one after the other, and is started again.</summary>
    public void LogReplaced(TimeSpan downtime)
    {
        Server!.Replaced();
        for (var place = 0; place < _places.Length; place++)
        {
            if (_places[place] is not { Process.IsAlive: true } gateway)
                continue;
            var at = place;
            _run.Time.After(Server.Random.Duration(1, 5_000), () =>
            {
                if (!gateway.Process.IsAlive)
                    return;
                gateway.Kill(power: false);
                StartAfter(downtime, at);
            });
        }
    }

    /// <summary>Kills the one that there is, if it lives.</summary>
    public bool KillTheOne()
    {
        if (_places[0] is not { Process.IsAlive: true } gateway)
            return false;
        gateway.Kill(power: false);
        return true;
    }

    public void StartTheOne(TimeSpan downtime) => StartAfter(downtime, 0);

    /// <summary>Which gateway a device's next socket comes to; null where it is refused.</summary>
    public SimGateway? Share(SimDevice device)
    {
        if (!AreSeveral)
            return _places[0] is { Takes: true } one ? one : null;
        var random = device.RoamRandom;
        var place = device.LastPlace >= 0 && random.Chance(0.5) ? device.LastPlace : random.Below(_places.Length);
        // Who refuses is passed over, mostly; who is stopped takes it, and says nothing.
        for (var tries = random.Between(1, _places.Length); tries > 0; tries--, place = (place + 1) % _places.Length)
        {
            if (_places[place] is not { Process.IsAlive: true, IsDraining: false } gateway)
                continue;
            if (device.LastPlace >= 0 && device.LastPlace != place)
                _run.Saw(Sight.RoamedToAnother);
            device.LastPlace = place;
            return gateway;
        }
        return null;
    }

    /// <summary>A gateway that accepted a socket and was paused goes on: the device's first words are in the socket's buffer, whatever became of the device.</summary>
    public void AcceptLate(SimDevice device, SimLink link)
    {
        var place = AreSeveral ? device.RoamRandom.Below(_places.Length) : 0;
        if (_places[place] is not { Takes: true } gateway)
        {
            link.GatewayGone(silently: false);
            return;
        }
        _run.Saw(Sight.HelloHeldBack);
        gateway.Accept(link);
        link.Up.Drain();
    }

    public void Heal()
    {
        foreach (var gateway in _places)
        {
            if (gateway is { Shared: { } log })
                log.CutUntil = default;
            if (gateway is { Process: { IsAlive: true, IsStopped: true } })
                gateway.Continue();
        }
        StartAll();
    }

    private SimGateway? At(int place) => _places[place % _places.Length];

    private void StartAfter(TimeSpan downtime, int place) => _run.Time.After(downtime, () => Start(place % _places.Length));

    private void Start(int place)
    {
        if (_places[place] is { Process.IsAlive: true })
            return;
        Lives++;
        _places[place] = new SimGateway(_run, this, place);
    }
}
