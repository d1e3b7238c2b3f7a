using Holi.Simulation.Device;
using Holi.Simulation.Line;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;

namespace Holi.Simulation.Scenarios;

/// <summary>What goes wrong, and what mends it when the run comes to its end.</summary>
internal sealed class Mishaps(Run run)
{
    private readonly Dictionary<SimDevice, DeviceDisk> _backups = [];

    public void Do(SimDevice device, ScenarioStep step)
    {
        var time = TimeSpan.FromMilliseconds(1 << (step.A % 16));
        var until = run.Time.Now + time;
        switch (step.Kind)
        {
            case StepKind.Cut:
                device.Cut((CutKind)(step.A % 4));
                break;
            case StepKind.NetworkDown:
                device.IsNetworkUp = false;
                device.Cut(step.B % 2 == 0 ? CutKind.HalfOpen : CutKind.Reset);
                run.Time.After(time, () => device.IsNetworkUp = true);
                break;
            case StepKind.NetworkSignal:
                device.Input((engine, now) =>
                {
                    if (step.A % 3 == 0)
                        engine.NetworkLost(now);
                    else
                        engine.NetworkAvailable(now);
                });
                break;
            case StepKind.SlowLink:
                Slow(device, step, time);
                break;
            case StepKind.GatewayCrash:
                run.Gateways.Stop(step.Device, power: step.B % 3 == 0, time);
                break;
            case StepKind.GatewayDrain:
                run.Gateways.Drain(step.Device, time);
                break;
            case StepKind.GatewayPause:
                run.Gateways.Pause(step.Device, time);
                break;
            case StepKind.StoreAway:
                run.Disk.AwayUntil = until;
                break;
            case StepKind.CommitFails:
                run.Disk.FailCommits = 1 + (step.A % 2);
                break;
            case StepKind.AnswerLost:
                run.Disk.LoseAnswers = 1 + (step.A % 3);
                break;
            case StepKind.StoreSlow:
                run.Disk.SlowUntil = until;
                break;
            case StepKind.BackUp:
                run.Disk.BackUp();
                break;
            case StepKind.Restore:
                run.RestoreLog(time);
                break;
            case StepKind.LineDead:
                run.Exchange.Die(until);
                break;
            case StepKind.LineBad:
                run.Exchange.Worsen(new LineQuality(30 << (step.B % 2), 30 * (step.B / 2 % 3), 10 << (step.B % 11)), until);
                break;
            case StepKind.LogCut:
                run.Gateways.CutFromLog(step.Device, until);
                break;
            case StepKind.LineDeaf:
                run.Gateways.Deafen(step.Device, until);
                break;
            default:
                DoToDevice(device, step, time);
                break;
        }
    }

    public void Heal()
    {
        (run.Disk.AwayUntil, run.Disk.SlowUntil, run.Disk.FailCommits, run.Disk.LoseAnswers) = (default, default, 0, 0);
        run.Exchange.Heal();
        run.Gateways.Heal();
        foreach (var device in run.Devices.ToArray())
        {
            (device.IsNetworkUp, device.IsFull, device.HasTokens, device.CrashAt, device.HelloHeld) = (true, false, true, null, null);
            Mend(device);
            if (device.Process is { IsAlive: true, IsStopped: true })
                device.Continue();
            device.Start();
            if (run.Scenario.Sizes.MonitorTells)
                device.Input((engine, now) => engine.NetworkAvailable(now));
            // Then who is there, and how far they are, must come right as well.
            if (run.Gateways.AreSeveral)
                device.Input((engine, now) => engine.SetForeground(true, now));
        }
    }

    private void DoToDevice(SimDevice device, ScenarioStep step, TimeSpan time)
    {
        switch (step.Kind)
        {
            case StepKind.DeviceCrash:
                if (step.B % 3 == 0)
                    device.CutPower();
                else
                    device.Kill();
                run.Time.After(time, device.Start);
                break;
            case StepKind.CrashAtWrite:
                device.CrashAt = new CrashPoint(step.A % 4, step.B % 2 == 1, step.A % 3 == 0, TimeSpan.FromMilliseconds(1 << (step.B % 13)));
                break;
            case StepKind.DeviceFull:
                device.IsFull = true;
                run.Time.After(time, () => device.IsFull = false);
                break;
            case StepKind.DeviceStop when device.IsRunning:
                run.Saw(Sight.DeviceStopped);
                device.Stop();
                run.Time.After(time, device.Continue);
                break;
            case StepKind.DeviceBackUp:
                _backups[device] = device.Disk.Clone();
                break;
            case StepKind.DeviceRestore when _backups.TryGetValue(device, out var backup):
                run.Saw(Sight.DeviceRestored);
                run.Copied.Add(device.Key);
                device.Kill();
                Replace(device, backup.Clone());
                run.Time.After(time, device.Start);
                break;
            case StepKind.Clone when run.Devices.Count < 8:
                run.Saw(Sight.DeviceCloned);
                run.Copied.Add(device.Key);
                var copy = run.AddDevice($"{device.Copy}+{run.Devices.Count}", device.Tenant, device.User, device.Disk.Clone());
                run.History.Add(new DeviceReplaced(copy.Copy, copy.Disk.Clone()));
                run.Time.After(time / 8, copy.Start);
                break;
            case StepKind.HelloHeld:
                device.HelloHeld = (time, DiesAfter: step.B % 4 != 0);
                break;
            case StepKind.TokenDown:
                device.HasTokens = false;
                run.Time.After(time, () => device.HasTokens = true);
                break;
        }
    }

    private void Replace(SimDevice device, DeviceDisk disk)
    {
        device.Disk = disk;
        device.Lineage++;
        run.History.Add(new DeviceReplaced(device.Copy, disk.Clone()));
    }

    private void Slow(SimDevice device, ScenarioStep step, TimeSpan time)
    {
        foreach (var pipe in new[] { device.Up, device.Down })
        {
            pipe.BytesPerSecond = 500 << (step.B % 6);
            pipe.BufferBytes = 100 << (step.B % 8);
        }
        run.Time.After(time, () => Mend(device));
    }

    private void Mend(SimDevice device)
    {
        foreach (var pipe in new[] { device.Up, device.Down })
            (pipe.BytesPerSecond, pipe.BufferBytes, pipe.LatencyMostMs) = (0, 256 << 10, run.Scenario.Sizes.LatencyMs);
    }
}
