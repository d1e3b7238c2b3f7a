using System.Globalization;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>What every connection of a gateway shares.</summary>
/// <param name="Limits">Its bounds.</param>
/// <param name="Hub">Its topics.</param>
/// <param name="People">Who is connected.</param>
/// <param name="Devices">Which connection speaks for each device.</param>
/// <param name="Cluster">The other gateways; null for a single one.</param>
public sealed record Surroundings(GatewayLimits Limits, TopicHub Hub, People People, DeviceTable Devices, ClusterNode? Cluster = null);

/// <summary>What the parts of one connection share: who it is, its lanes, its state, and how to end it.</summary>
internal sealed class ConnectionCore(IConnectionHost host, Surroundings around, TimeSpan openedAt)
{
    private Tally _tally;

    public IConnectionHost Host => host;
    public GatewayLimits Limits => around.Limits;
    public TopicHub Hub => around.Hub;
    public People People => around.People;
    public DeviceTable Devices => around.Devices;

    /// <summary>What was done since the shell last asked.</summary>
    public ref Tally Tally => ref _tally;

    /// <summary>Null for a single gateway.</summary>
    public ClusterNode? Cluster => around.Cluster;

    public GatewayProtocol Protocol { get; } = new(openedAt);
    public Outgoing Out { get; } = new(around.Limits);

    /// <summary>Null before the token was verified.</summary>
    public TokenIdentity? Identity { get; set; }

    /// <summary>Null before the token was verified.</summary>
    public ConnectionMarks? Marks { get; set; }

    public DeviceKey Key { get; set; }

    /// <summary>The committer's answer to the opening.</summary>
    public DeviceOpened Device { get; set; }

    /// <summary>Time of the call that is being handled.</summary>
    public Instant Now { get; set; }

    /// <summary>None while the connection is open.</summary>
    public HoliCode CloseCode { get; private set; }

    public bool IsOpen => CloseCode == HoliCode.None;

    /// <summary>True once GoAway was sent: the connection still gets what was filled, its last Commit above all.</summary>
    public bool IsGoingAway { get; private set; }

    /// <summary>The connection will end with this code, when what was taken is committed (§11.3).</summary>
    public void GoAway(HoliCode code, TimeSpan retryAfter, TimeSpan spread)
    {
        IsGoingAway = true;
        new GoAwayFrame(code, retryAfter, spread).Write(Outgoing.Begin());
        Out.Send(Lane.Control);
        Protocol.Drain(code, Now.Since);
    }

    /// <summary>The connection ends with this code. The first one counts.</summary>
    public void Fail(HoliCode code)
    {
        if (!IsOpen)
            return;
        CloseCode = code;
        Protocol.Close();
        Host.Close(code);
    }

    /// <summary>When the token's time is over, skew included, on this connection's monotonic time.</summary>
    public TimeSpan ExpiryOf(TokenIdentity identity) =>
        Now.Since + TimeSpan.FromMilliseconds(identity.ExpiresMs - Now.UnixMs) + Limits.TokenSkew;

    /// <summary>An Error frame: one request was refused, the connection goes on (§11.4).</summary>
    public void Error(HoliCode code, uint request = 0, uint topic = 0, ulong seq = 0)
    {
        new ErrorFrame(code, request, topic, seq).Write(Outgoing.Begin());
        Out.Send(Lane.Control);
    }

    /// <summary>An audit row of its own, about a code. If the committer is full, closing tells more than a row would.</summary>
    public void Audit(string action, HoliCode code)
    {
        var subject = ((int)code).ToString(CultureInfo.InvariantCulture);
        Host.Submit(new SubmitAudit(new AuditEntry(Now.UnixMs, Key.Tenant, Key.User, Key.Device, action, subject)));
    }
}
