using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

/// <summary>Protocol objects brought to a state the way a connection brings them there.</summary>
internal static class ConnectionsInState
{
    public static readonly TimeSpan HeartbeatTime = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan TokenTime = TimeSpan.FromHours(1);

    public static GatewayProtocol Gateway(GatewayState state, TimeSpan now = default, ulong committed = 0)
    {
        var gateway = new GatewayProtocol(now);
        if (state is GatewayState.Authenticating or GatewayState.Ready or GatewayState.Draining)
            gateway.Authenticate(1_000, now).ShouldBe(Violation.None);
        if (state is GatewayState.Ready or GatewayState.Draining)
            gateway.Welcome(new GatewayCommands(committed, 10, 1_000), HeartbeatTime, now + TokenTime, now);
        if (state is GatewayState.Draining)
            gateway.Drain(HoliCode.GoingAway, now);
        if (state is GatewayState.Closed)
            gateway.Close();
        gateway.State.ShouldBe(state);
        return gateway;
    }

    public static DeviceProtocol Device(DeviceState state, TimeSpan now = default, Func<double>? random = null)
    {
        var device = new DeviceProtocol(new Backoff(random ?? (() => 0.5)), now);
        if (state >= DeviceState.Connecting)
            device.Poll(now).ShouldBe(DeviceAction.Connect);
        if (state >= DeviceState.Opening)
            device.OnOpened(now);
        if (state >= DeviceState.Ready)
            device.OnWelcome(HeartbeatTime, now);
        if (state >= DeviceState.Draining)
            device.OnGoAway(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), now);
        device.State.ShouldBe(state);
        return device;
    }
}
