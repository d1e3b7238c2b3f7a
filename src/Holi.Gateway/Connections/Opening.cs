using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// From Hello to Welcome (§6): the token is verified, the committer moves the device's fence, memberships and refusals are read, and then everything
/// is said at once. Thrown away afterwards, with the Hello and its token.
/// </summary>
internal sealed class Opening(ConnectionCore core, HelloFrame hello)
{
    /// <summary>What the connection will know; filled from the memberships.</summary>
    public FollowTable Table { get; } = new(core);

    private readonly List<(FrameKind Kind, byte[] Body)> _held = [];
    private IReadOnlyList<Refusal>? _refusals;
    private List<Follow>? _follows;
    private long _readAfterBatch;

    public HelloFrame Hello => hello;

    public IReadOnlyList<Refusal> Refusals => _refusals ?? [];

    /// <summary>The topics to announce, in order.</summary>
    public IReadOnlyList<Follow> Follows => _follows ?? [];

    /// <summary>Commands that came behind Hello, in order.</summary>
    public IReadOnlyList<(FrameKind Kind, byte[] Body)> Held => _held;

    public bool IsDone => core.IsOpen && _refusals is not null && _follows is not null;

    /// <summary>A command ahead of Welcome. The message's memory will be used again, so it is copied.</summary>
    public void Hold(in Frame frame)
    {
        var violation = core.Protocol.Hold(frame.WireBytes);
        if (violation.IsNone)
            _held.Add((frame.Kind, frame.Body.ToArray()));
        else
            core.Fail(violation.Code);
    }

    public void OnAuthenticated(in TokenVerdict verdict)
    {
        if (verdict.Identity is not { } identity)
        {
            core.Fail(verdict.Code);
            return;
        }
        core.Identity = identity;
        core.Key = new DeviceKey(identity.Tenant, identity.User, hello.Device);
        // Asked before the log is troubled; a device that is connected already will free its own place.
        if (!core.Devices.Has(core.Key) && !core.People.HasRoom(identity.Tenant, identity.User))
        {
            core.Fail(HoliCode.TooManyConnections);
            return;
        }
        core.Marks = new ConnectionMarks(identity.Tenant, identity.User, core.Limits.MembershipNotes, core.Host.Wake);
        var open = new OpenDevice(
            core.Host, core.Key, hello.Generation, hello.LastAssigned, hello.Known, hello.Digest, hello.Opening);
        core.Devices.Enter(core.Key);
        if (!core.Host.Submit(open))
            core.Fail(HoliCode.Overloaded);
    }

    /// <summary>The committer knows the device, and takes no command of an older connection any more.</summary>
    public void OnOpened(in DeviceOpened opened)
    {
        if (opened.Code != HoliCode.None)
        {
            core.Fail(opened.Code);
            return;
        }
        core.Device = opened;
        if (!core.Devices.Claim(core.Key, opened.Fence, core.Marks!, out var older))
        {
            core.Fail(HoliCode.Fenced);
            return;
        }
        if (older is not null)
            core.People.Disconnect(older);
        core.Cluster?.Devices.Add(opened.DeviceId, opened.Fence, core.Marks!);
        // From here on changes of this user's memberships are noted; so none is missed between reading and following.
        if (!core.People.Connect(core.Marks!))
        {
            core.Fail(HoliCode.TooManyConnections);
            return;
        }
        ReadMemberships();
        var known = hello.Generation == opened.Generation ? hello.Known : 0;
        if (known < opened.Committed)
            core.Host.ReadRefusals(opened.DeviceId, opened.Generation, known, opened.Committed);
        else
            _refusals = [];
    }

    public void OnRefusals(IReadOnlyList<Refusal> refusals) => _refusals = refusals;

    public void OnMemberships(IReadOnlyList<Membership> memberships)
    {
        var cursors = new Dictionary<string, TopicCursor>(hello.Cursors.Count);
        foreach (var cursor in hello.Cursors)
            cursors[cursor.Name] = cursor;
        var follows = new List<Follow>(memberships.Count);
        foreach (var membership in memberships)
        {
            if (!Table.TryAdd(membership, _readAfterBatch, out var follow))
            {
                // Read too long ago to be sure of the heads: once more.
                Table.Clear();
                ReadMemberships();
                return;
            }
            Begin(follow!, cursors.GetValueOrDefault(membership.Name));
            follows.Add(follow!);
        }
        _follows = follows;
    }

    /// <summary>Says Welcome, and makes the connection ready.</summary>
    public void Welcome()
    {
        var limits = core.Limits;
        var device = core.Device;
        var identity = core.Identity!;
        core.Protocol.Welcome(
            new GatewayCommands(device.Committed, limits.CommandsInFlight, limits.CommandBytesInFlight),
            limits.Heartbeat, core.ExpiryOf(identity), core.Now.Since);
        var welcome = new WelcomeFrame
        {
            Minor = Math.Min(hello.Minor, 0), Generation = device.Generation, Committed = device.Committed, Digest = device.Digest,
            TimeMs = core.Now.UnixMs, TimeBaseMs = core.Hub.TimeBaseMs, Heartbeat = limits.Heartbeat, TokenExpiresMs = identity.ExpiresMs,
            User = identity.User, Topics = Follows.Count, BulkCredit = limits.ReceiveCreditBytes, AudioCredit = limits.ReceiveCreditBytes,
            Limits = new WelcomeLimits(
                limits.CommandsInFlight, limits.CommandBytesInFlight, WireLimits.FrameBytesMax, limits.WatchedTopics, limits.FollowedTopics),
        };
        welcome.Write(Outgoing.Begin());
        core.Out.Send(Lane.Control);
        core.Out.Lanes.AddCredit(Lane.Bulk, (ulong)hello.BulkCredit);
        core.Out.Lanes.AddCredit(Lane.Audio, (ulong)hello.AudioCredit);
    }

    private void ReadMemberships()
    {
        _readAfterBatch = core.Hub.Batch;
        core.Host.ReadMemberships(core.Key.Tenant, core.Key.User);
    }

    private void Begin(Follow follow, TopicCursor? cursor)
    {
        if ((cursor is null && hello.Backlog < 0) || Table.Followed >= core.Limits.FollowedTopics)
        {
            follow.BeginAnnounced();
            return;
        }
        Table.Followed++;
        follow.Begin(cursor?.Epoch ?? 0, cursor?.Offset ?? 0, (ulong)Math.Max(0, hello.Backlog));
        // What the device has stored, it may never have been able to say.
        if (follow.DeviceCursor > follow.Announcement!.Member.Delivered)
            Table.Deliver(follow);
    }
}
