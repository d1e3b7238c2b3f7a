using Holi.Gateway.Cluster;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Line;

/// <summary>How the line treats what is sent on it.</summary>
internal readonly record struct LineQuality(int LossPercent, int TwicePercent, int DelayMostMs);

/// <summary>
/// What connects the gateways, as Redis does: passes messages on to whoever wants them, and promises nothing. It loses them, brings them twice, late and in
/// another order; it can be dead for long; and it can seem to live and pass on nothing.
/// </summary>
internal sealed class SimExchange(Run run)
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    private readonly List<SimLine> _lines = [];
    private readonly SimRandom _random = run.Random.Split("line");
    private LineQuality? _bad;
    private TimeSpan _badUntil, _deadUntil;

    public Run Run => run;

    public bool IsDead => run.Time.Now < _deadUntil;

    public SimRandom Random => _random;

    private LineQuality Quality => _bad is { } bad && run.Time.Now < _badUntil
        ? bad
        : new LineQuality(run.Scenario.Sizes.LineLossPercent, run.Scenario.Sizes.LineTwicePercent, Math.Max(1, run.Scenario.Sizes.LineDelayMs));

    public void Add(SimLine line) => _lines.Add(line);

    public void Remove(SimLine line) => _lines.Remove(line);

    /// <summary>Nothing is passed on. Whether the gateways are told or not, they are when it is back.</summary>
    public void Die(TimeSpan until)
    {
        run.Saw(Sight.LineWentDead);
        _deadUntil = until;
        // A server that is killed breaks its connections; one that hangs keeps them.
        if (_random.Chance(0.5))
        {
            foreach (var line in _lines.ToArray())
                line.Broken();
        }
        run.Time.At(until, ComeBack);
    }

    /// <summary>Nobody is told.</summary>
    public void Worsen(LineQuality quality, TimeSpan until) => (_bad, _badUntil) = (quality, until);

    /// <summary>From here on it is as the run's sizes say.</summary>
    public void Heal()
    {
        _bad = null;
        foreach (var line in _lines)
            line.DeafUntil = default;
        if (!IsDead)
            return;
        _deadUntil = run.Time.Now;
        ComeBack();
    }

    public void Publish(LineName name, byte[] message)
    {
        foreach (var line in _lines.ToArray())
        {
            if (line.Wants(name))
                Pass(line, name, message);
        }
    }

    private void Pass(SimLine line, LineName name, byte[] message)
    {
        var quality = Quality;
        if (_random.Chance(quality.LossPercent / 100.0))
        {
            run.Saw(Sight.WakeupLost);
            return;
        }
        var copies = 1;
        if (_random.Chance(quality.TwicePercent / 100.0))
        {
            run.Saw(Sight.WakeupTwice);
            copies = 2;
        }
        for (; copies > 0; copies--)
        {
            var delay = _random.Duration(0.05, quality.DelayMostMs);
            run.Time.After(delay, () =>
            {
                if (IsDead)
                    return;
                if (delay > Late)
                    run.Saw(Sight.WakeupLate);
                line.Deliver(name, message);
            });
        }
    }

    private void ComeBack()
    {
        if (IsDead)
            return;
        run.Saw(Sight.LineCameBack);
        foreach (var line in _lines.ToArray())
            line.Restored();
    }
}
