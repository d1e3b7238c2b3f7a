using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using static Holi.Wire.Connections.Admission;

namespace Holi.Wire.Connections;

// Every rule about which frame may come when, in one table (holi.v1.md §4, §12).
//
// Two rules to read it by:
//   1. A row says who may send a kind, in which lanes, and what the receiver does with it in each of its states. What is not in the
//      table is not in the protocol: an unknown kind is dropped if it has the optional bit (§4), else it is 4409.
//   2. The table knows kinds only. Whether a frame's content is right (seqs, offsets, credit, numbers) is decided by whoever owns
//      that content, after the table has let the frame in.
//
// Theory of operation. Each side of a connection has one protocol object (GatewayProtocol, DeviceProtocol) with a state. The
// connection's loop decodes a frame, asks Admit(kind) and gets one of four answers: Taken, Held (a command ahead of Welcome: keep it
// and ask again when ready), Dropped (allowed, without effect now) or Refused (4410). States change only through named
// methods of the protocol object, never by a frame's arrival alone, so each arrow in the diagrams is one method.
//
// Columns: the gateway's states opened, authenticating, ready, draining; the device's states opening, ready, draining.
// A closed connection drops everything; a device that waits or connects has no connection to receive on.

/// <summary>Who sends a frame.</summary>
[Flags]
public enum Side : byte
{
    /// <summary>Nobody.</summary>
    None = 0,
    /// <summary>The device.</summary>
    Device = 1,
    /// <summary>The gateway.</summary>
    Gateway = 2,
    /// <summary>Either.</summary>
    Both = Device | Gateway,
}

/// <summary>What a receiver does with a frame in its present state.</summary>
public enum Admission : byte
{
    /// <summary>A violation: 4409 or 4410.</summary>
    Refused,
    /// <summary>Handled now.</summary>
    Taken,
    /// <summary>Kept, within <see cref="GatewayProtocol.HeldBytesMax"/>, until the device is known.</summary>
    Held,
    /// <summary>Allowed, and without effect.</summary>
    Dropped,
}

/// <summary>One row: who sends the kind, in which lanes, and what each receiving state does with it.</summary>
internal readonly record struct FrameRule(
    Side From, LaneSet Lanes,
    Admission GatewayOpened, Admission GatewayAuthenticating, Admission GatewayReady, Admission GatewayDraining,
    Admission DeviceOpening, Admission DeviceReady, Admission DeviceDraining);

/// <summary>The table of §4 and §12.</summary>
public static class FrameTable
{
    private static readonly FrameRule[] Rules = Build();

    /// <summary>Who may send <paramref name="kind"/>; nobody, where the kind is unknown.</summary>
    public static Side SendersOf(FrameKind kind) => Rules[(byte)kind].From;

    /// <summary>The lanes <paramref name="kind"/> travels in; none, where the kind is unknown; any, for a Part.</summary>
    public static LaneSet LanesOf(FrameKind kind) => Rules[(byte)kind].Lanes;

    internal static Admission AtGateway(FrameKind kind, GatewayState state) => state switch
    {
        GatewayState.Opened => Rules[(byte)kind].GatewayOpened,
        GatewayState.Authenticating => Rules[(byte)kind].GatewayAuthenticating,
        GatewayState.Ready => Rules[(byte)kind].GatewayReady,
        GatewayState.Draining => Rules[(byte)kind].GatewayDraining,
        _ => Dropped,
    };

    internal static Admission AtDevice(FrameKind kind, DeviceState state) => state switch
    {
        DeviceState.Opening => Rules[(byte)kind].DeviceOpening,
        DeviceState.Ready => Rules[(byte)kind].DeviceReady,
        DeviceState.Draining => Rules[(byte)kind].DeviceDraining,
        _ => Dropped,
    };

    /// <summary>The answer to a kind, with its code: 4410 for a known kind out of place, 4409 for an unknown one that is not optional.</summary>
    internal static Admission Judge(FrameKind kind, Admission known, out Violation violation)
    {
        violation = Violation.None;
        if (SendersOf(kind) != Side.None)
        {
            if (known == Refused)
                violation = new Violation(HoliCode.UnexpectedFrame, "12");
            return known;
        }
        if (FrameKinds.IsOptional(kind))
            return Dropped;
        violation = new Violation(HoliCode.UnknownFrame, "4");
        return Refused;
    }

    private static FrameRule[] Build()
    {
        const LaneSet topic = LaneSet.Topic;
        const LaneSet any = LaneSet.Parted;
        var rules = new FrameRule[256];

        //                                                          gateway: opened  authent. ready    draining
        Device(FrameKind.Hello, LaneSet.Control,                            Taken,   Refused, Refused, Refused);
        Device(FrameKind.Token, LaneSet.Control,                            Refused, Refused, Taken,   Dropped);
        Device(FrameKind.DeviceState, LaneSet.Control,                      Refused, Refused, Taken,   Dropped);
        Device(FrameKind.Command, LaneSet.Interactive,                      Refused, Held,    Taken,   Dropped);
        Device(FrameKind.CommandAgain, LaneSet.Interactive,                 Refused, Held,    Taken,   Dropped);
        Device(FrameKind.Ack, LaneSet.Interactive,                          Refused, Refused, Taken,   Taken);
        Device(FrameKind.Follow, LaneSet.Interactive,                       Refused, Refused, Taken,   Dropped);
        Device(FrameKind.Unfollow, LaneSet.Interactive,                     Refused, Refused, Taken,   Dropped);
        Device(FrameKind.Watch, LaneSet.Interactive,                        Refused, Refused, Taken,   Dropped);
        Device(FrameKind.Signal, LaneSet.Interactive,                       Refused, Refused, Taken,   Dropped);
        Device(FrameKind.HistoryRequest, LaneSet.Interactive,               Refused, Refused, Taken,   Dropped);
        Device(FrameKind.SnapshotRequest, LaneSet.Interactive,              Refused, Refused, Taken,   Dropped);
        Device(FrameKind.RecordingOpen, LaneSet.Audio,                      Refused, Refused, Taken,   Dropped);
        Device(FrameKind.RecordingEnd, LaneSet.Audio,                       Refused, Refused, Taken,   Dropped);

        //                                                          device:  opening  ready  draining
        Gateway(FrameKind.Welcome, LaneSet.Control,                          Taken,   Refused, Refused);
        Gateway(FrameKind.GoAway, LaneSet.Control,                           Refused, Taken,   Taken);
        Gateway(FrameKind.TokenAccepted, LaneSet.Control,                    Refused, Taken,   Taken);
        Gateway(FrameKind.Error, LaneSet.Control,                            Refused, Taken,   Taken);
        Gateway(FrameKind.Commit, LaneSet.Interactive,                       Refused, Taken,   Taken);
        Gateway(FrameKind.Event, topic,                                      Refused, Taken,   Taken);
        Gateway(FrameKind.Skip, topic,                                       Refused, Taken,   Taken);
        Gateway(FrameKind.Topic, LaneSet.Interactive,                        Refused, Taken,   Taken);
        Gateway(FrameKind.TopicGone, LaneSet.Interactive,                    Refused, Taken,   Taken);
        Gateway(FrameKind.Complete, topic,                                   Refused, Taken,   Taken);
        Gateway(FrameKind.Roster, LaneSet.Interactive,                       Refused, Taken,   Taken);
        Gateway(FrameKind.Receipts, LaneSet.Interactive,                     Refused, Taken,   Taken);
        Gateway(FrameKind.PeerSignal, LaneSet.Interactive,                   Refused, Taken,   Taken);
        Gateway(FrameKind.HistoryPage, LaneSet.Bulk,                         Refused, Taken,   Taken);
        Gateway(FrameKind.Snapshot, LaneSet.Bulk,                            Refused, Taken,   Taken);
        Gateway(FrameKind.RecordingState, LaneSet.Interactive,               Refused, Taken,   Taken);

        //                                         gateway: opened  authent. ready  draining; device: opening  ready  draining
        Both(FrameKind.Ping, LaneSet.Control,               Refused, Refused, Taken, Taken,           Refused, Taken, Taken);
        Both(FrameKind.Pong, LaneSet.Control,               Refused, Refused, Taken, Taken,           Refused, Taken, Taken);
        Both(FrameKind.Credit, LaneSet.Control,             Refused, Refused, Taken, Taken,           Refused, Taken, Taken);
        Both(FrameKind.Part, any,                           Refused, Refused, Taken, Dropped,         Refused, Taken, Taken);
        Both(FrameKind.Chunk, LaneSet.Audio,                Refused, Refused, Taken, Dropped,         Refused, Taken, Taken);
        Both(FrameKind.RecordingGap, LaneSet.Audio,         Refused, Refused, Taken, Dropped,         Refused, Taken, Taken);
        return rules;

        void Device(FrameKind kind, LaneSet lanes, Admission opened, Admission authenticating, Admission ready, Admission draining) =>
            rules[(byte)kind] = new(Side.Device, lanes, opened, authenticating, ready, draining, Refused, Refused, Refused);

        void Gateway(FrameKind kind, LaneSet lanes, Admission opening, Admission ready, Admission draining) =>
            rules[(byte)kind] = new(Side.Gateway, lanes, Refused, Refused, Refused, Refused, opening, ready, draining);

        void Both(FrameKind kind, LaneSet lanes, Admission opened, Admission authenticating, Admission gatewayReady,
            Admission gatewayDraining, Admission opening, Admission deviceReady, Admission deviceDraining) =>
            rules[(byte)kind] = new(Side.Both, lanes, opened, authenticating, gatewayReady, gatewayDraining,
                opening, deviceReady, deviceDraining);
    }
}
