using Holi.Simulation.Device;
using Holi.Simulation.Gateway;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Network;

/// <summary>How a connection is cut.</summary>
public enum CutKind
{
    /// <summary>Both sides are told soon. What was under way arrives or not, in each direction by itself.</summary>
    Reset,
    /// <summary>Nobody is told, nothing arrives.</summary>
    HalfOpen,
    /// <summary>Only what the device sends is lost.</summary>
    LosesUp,
    /// <summary>Only what the gateway sends is lost.</summary>
    LosesDown,
}

/// <summary>One connection between a device and the gateway.</summary>
internal sealed class SimLink
{
    private readonly Run _run;
    private readonly SimRandom _random;
    private readonly SimDevice _device;
    private readonly SimProcess _deviceProcess;
    private readonly int _number;
    private readonly int _socket;
    private SimConnection? _connection;
    private bool _deviceKnowsEnd, _gatewayKnowsEnd;

    public SimLink(Run run, SimDevice device, int number)
    {
        (_run, _device, _number, _deviceProcess) = (run, device, number, device.Process);
        _socket = ++device.Sockets;
        Disk = device.DiskName;
        _random = device.NetworkRandom;
        Up = new SimPipe(run.Time, _random, device.Up)
        {
            Deliver = bytes => _connection!.Receive(bytes),
            DeliverClose = _ => EndAtGateway(),
            Room = () => _deviceProcess.Run(device.Pump),
            MayDeliver = () => _connection is { IsReading: true },
        };
        Down = new SimPipe(run.Time, _random, device.Down)
        {
            Deliver = bytes => _deviceProcess.Run(() => device.OnMessage(number, bytes)),
            DeliverClose = EndAtDevice,
            Room = () => _connection?.Pump(),
            MayDeliver = () => _deviceProcess is { IsAlive: true, IsStopped: false } && device.IsReading(number),
        };
    }

    /// <summary>The disk that its device had when it opened it.</summary>
    public (string Copy, int Lineage) Disk { get; }

    public string Name => $"{_device.Copy}/{_number}";

    public SimPipe Up { get; }

    public SimPipe Down { get; }

    public bool IsOver => _deviceKnowsEnd && _gatewayKnowsEnd;

    public bool IsOpenAtDevice => !_deviceKnowsEnd;

    /// <summary>The device is done with it and has opened another since: what it still carries is of the past, and what is said to it nobody hears.</summary>
    public bool IsOfThePast => _deviceKnowsEnd && _device.Sockets > _socket;

    public void Accept(SimConnection connection)
    {
        _connection = connection;
        // Its end is in the buffer, too, behind what was said before.
        if (_gatewayKnowsEnd)
            _run.Time.After(_random.Duration(1, 300), connection.SocketOver);
    }

    public void Cut(CutKind kind)
    {
        if (IsOver)
            return;
        _run.Saw(Sight.CutBothWays);
        switch (kind)
        {
            case CutKind.Reset:
                if (_random.Chance(0.5))
                    Up.Swallow();
                if (_random.Chance(0.5))
                    Down.Swallow();
                _run.Time.After(_random.Duration(1, 300), () => EndAtDevice(0));
                _run.Time.After(_random.Duration(1, 3_000), EndAtGateway);
                break;
            case CutKind.HalfOpen:
                Up.Swallow();
                Down.Swallow();
                break;
            case CutKind.LosesUp:
                Up.Swallow();
                break;
            case CutKind.LosesDown:
                Down.Swallow();
                break;
        }
    }

    /// <summary>The device drops it, or its process is gone: the other side hears of it, if it can.</summary>
    public void DropByDevice()
    {
        if (_deviceKnowsEnd)
            return;
        _deviceKnowsEnd = true;
        Down.Swallow();
        Up.SendClose(0);
    }

    /// <summary>The gateway closes it, with a code after what it has sent.</summary>
    public void CloseByGateway(int status)
    {
        if (_gatewayKnowsEnd)
            return;
        Down.SendClose(status);
    }

    /// <summary>The gateway's process is gone. With <paramref name="silently"/> (power, a lost route) the device hears nothing.</summary>
    public void GatewayGone(bool silently)
    {
        _gatewayKnowsEnd = true;
        Up.Swallow();
        if (silently)
            Down.Swallow();
        else
            Down.SendClose(0);
    }

    public void EndAtGateway()
    {
        if (_gatewayKnowsEnd)
            return;
        _gatewayKnowsEnd = true;
        _connection?.SocketOver();
    }

    private void EndAtDevice(int status)
    {
        if (_deviceKnowsEnd)
            return;
        _deviceKnowsEnd = true;
        Down.Swallow();
        _deviceProcess.Run(() => _device.OnClosed(_number, status));
    }
}
