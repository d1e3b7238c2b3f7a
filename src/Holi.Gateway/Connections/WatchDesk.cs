using System.Buffers;
using System.Runtime.InteropServices;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Connections;

/// <summary>A topic's people, for who watches it (§9): rosters, receipts, typing, presence. Nothing waits here: a watch is a version number.</summary>
internal sealed class WatchDesk(ConnectionCore core, ReadyConnection parts)
{
    private const ushort TypingType = 1;
    private const ushort PresenceType = 2;

    [ThreadStatic]
    private static RoomNews? _news;

    private readonly Queue<(Follow Follow, Watch Watch)> _waiting = new();
    private FrameMeter _signals;
    private bool _isAsking;
    private int _watched;

    /// <summary>False while the app is in the background: then nothing ephemeral is sent (§11.5).</summary>
    public bool IsForeground { get; private set; } = true;

    public void OnWatch(in WatchFrame frame)
    {
        if (!parts.TryGetMine(frame.Topic, 0, out var follow))
            return;
        if (frame.Mode == WatchMode.Off)
            End(follow);
        else if (_waiting.Count >= core.Limits.RequestsWaiting)
            core.Error(HoliCode.Busy, topic: frame.Topic);
        else if (follow.Watch is null && _watched >= core.Limits.WatchedTopics)
            core.Error(HoliCode.LimitReached, topic: frame.Topic);
        else
            Begin(follow, frame.Mode == WatchMode.Once);
    }

    /// <summary>The roster asked for.</summary>
    public void OnRoster(RosterRead roster)
    {
        _isAsking = false;
        var (follow, watch) = _waiting.Dequeue();
        // Ended meanwhile, or begun anew and asked for again: this answer is nobody's.
        if (ReferenceEquals(follow.Watch, watch))
            Load(follow, watch, roster);
        AskNext();
    }

    /// <summary>No more of this topic's people.</summary>
    public void End(Follow follow)
    {
        if (follow.Watch is null)
            return;
        follow.Watch = null;
        _watched--;
        core.Hub.Unwatch(follow);
    }

    public void OnSignal(in SignalFrame frame)
    {
        var count = _signals.Add(core.Now.Since, core.Limits.MeterWindow);
        if (count > core.Limits.SignalFloodPerWindow)
        {
            core.Fail(HoliCode.RateLimited);
            return;
        }
        if (!parts.Table.TryGet(frame.Topic, out var follow) || count > core.Limits.SignalsPerWindow)
            return;
        // What is ephemeral is not argued about: a signal that may not be, or that nobody watches, is dropped.
        if (follow.State == FollowState.Gone || follow.IsLimited || follow.Role == MemberRole.Observer || frame.Type != TypingType)
            return;
        if (!TypingSignal.TryRead(frame.Payload, out var typing))
            return;
        follow.Topic.Room?.Type(follow.Member, typing.On, core.Now.UnixMs + (long)core.Limits.TypingTtl.TotalMilliseconds);
        core.Cluster?.Typed(follow.Topic, follow.Member, typing.On);
    }

    public void OnDeviceState(in DeviceStateFrame frame)
    {
        IsForeground = frame.Foreground;
        if (!IsForeground)
            return;
        foreach (var follow in parts.Table.All)
        {
            if (follow.Watch is not null)
                core.Marks!.Mark(follow);
        }
    }

    /// <summary>Sends what the device has not seen of a watched topic.</summary>
    public void SendNews(Follow follow)
    {
        if (follow.Watch is { Early: { } early } waiting)
            Load(follow, waiting, early);
        if (follow.Watch is not { Seen: { } seen } watch || !IsForeground)
            return;
        var news = _news ??= new RoomNews([], [], []);
        watch.Seen = watch.Room.Collect(seen, follow.Member, core.Now.UnixMs, news);
        // Looked at last: a limit is set before anything that comes behind it reaches the room.
        if (follow.IsLimited)
            news.Clear();
        if (news.Receipts.Count > 0)
        {
            ReceiptsFrame.Write(Outgoing.Begin(), follow.Number, CollectionsMarshal.AsSpan(news.Receipts));
            core.Out.Send(Lane.Interactive);
        }
        foreach (var (member, online, lastSeenMs) in news.Presence)
            SendSignal(follow, PresenceType, member, TimeSpan.Zero, new PresenceSignal(online, lastSeenMs).ToBytes());
        foreach (var (member, on) in news.Typing)
            SendSignal(follow, TypingType, member, core.Limits.TypingTtl, new TypingSignal(on).ToBytes());
        news.Clear();
    }

    private void Begin(Follow follow, bool once)
    {
        if (follow.Watch is null)
        {
            follow.Watch = new Watch(core.Hub.Watch(follow)) { IsOnce = once };
            _watched++;
        }
        else
        {
            // Asking once about what is watched anyway changes nothing about that.
            follow.Watch.IsOnce &= once;
        }
        if (follow.Watch.Room.IsLoaded)
        {
            // What was published may still be behind this membership's beginning: who was there before is not theirs to see. And behind what the log said
            // when the topic was announced: a device asks again for changes beyond that head alone, so this must not be older.
            var least = Math.Max(follow.First == 1 ? 0 : follow.First, follow.AnnouncedHead);
            if (least <= follow.Topic.Head)
                SendRoster(follow, follow.Watch);
            else
                Load(follow, follow.Watch, new RosterRead([], least));
            return;
        }
        _waiting.Enqueue((follow, follow.Watch));
        AskNext();
    }

    // The log may be ahead of what was published here: a roster from there could show who came after this very user was removed.
    private void Load(Follow follow, Watch watch, RosterRead roster)
    {
        watch.Early = core.Hub.TryLoad(follow, watch.Room, roster.Members, roster.Head) ? null : roster;
        if (watch.Early is null)
            SendRoster(follow, watch);
    }

    private void SendRoster(Follow follow, Watch watch)
    {
        // The version first: what changes in between is told twice rather than never.
        watch.Seen = watch.Room.Version;
        var roster = new RosterFrame(follow.Number, watch.Room.Roster());
        // Looked at last, as with news. TopicGone is about to come.
        if (follow.IsLimited)
            return;
        var output = new ArrayBufferWriter<byte>(1024);
        roster.Write(output);
        if (!core.Out.TryShare(Lane.Interactive, output.WrittenMemory))
            core.Fail(HoliCode.TooSlow);
        if (watch.IsOnce)
            End(follow);
    }

    private void SendSignal(Follow follow, ushort type, uint member, TimeSpan ttl, byte[] payload)
    {
        new PeerSignalFrame(follow.Number, type, member, ttl, new ReadOnlySequence<byte>(payload)).Write(Outgoing.Begin());
        core.Out.Send(Lane.Interactive);
    }

    private void AskNext()
    {
        if (_isAsking || !core.IsOpen || !_waiting.TryPeek(out var next))
            return;
        _isAsking = true;
        core.Host.ReadRoster(next.Follow.Topic.TopicId);
    }
}
