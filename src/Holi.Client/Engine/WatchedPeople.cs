using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// The people of the topics that somebody watches (holi.v1.md §9): roster, receipts, presence, typing. Ephemeral: nothing of it is
/// stored, and what has a time to live is forgotten after it.
/// <para>A roster is as of one moment. Who comes, leaves or gets another role afterwards is told by the topic's events; the roster is then asked for
/// once more, because only the gateway knows whether they are online and how far they have read. Invariant: behind the last such event of a topic
/// there is a request, so behind its answer nothing is missing.</para>
/// </summary>
internal sealed class WatchedPeople(TopicTable topics)
{
    private sealed class Row
    {
        public required RosterMember Member { get; set; }
        public TimeSpan TypingUntil { get; set; }
    }

    private sealed class Watched
    {
        public SortedDictionary<uint, Row> Rows { get; } = [];
        /// <summary>A roster is on its way: one at a time, however many come and go.</summary>
        public bool IsAsked { get; set; }
    }

    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outdated = new(StringComparer.Ordinal);

    /// <summary>When the next typing ends by itself.</summary>
    public TimeSpan NextDeadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Begins or ends watching; with a connection at once, else with the next one.</summary>
    public void Watch(string topic, bool on, GatewayLink? link)
    {
        var changed = on ? _watched.TryAdd(topic, new Watched()) : _watched.Remove(topic);
        if (!changed || link is null || topics.NumberOf(topic) is not (var number and not 0))
            return;
        if (on)
            Ask(_watched[topic], number, WatchMode.On, link);
        else
            link.Send(new WatchFrame(number, WatchMode.Off));
    }

    /// <summary>A topic got its number on this connection: watch it again.</summary>
    public void OnAnnounced(string topic, uint number, GatewayLink link)
    {
        if (_watched.TryGetValue(topic, out var watched))
            Ask(watched, number, WatchMode.On, link);
    }

    /// <summary>Somebody came, left, or has another role.</summary>
    public void OnMembers(string topic)
    {
        if (_watched.ContainsKey(topic))
            _outdated.Add(topic);
    }

    /// <summary>A request about a topic was refused: where it was for a roster, none is on its way.</summary>
    public void OnError(uint number)
    {
        if (Find(number, out _) is { } watched)
            watched.IsAsked = false;
    }

    public void OnRoster(RosterFrame frame)
    {
        if (Find(frame.Topic, out var name) is not { Rows: var rows } watched)
            return;
        watched.IsAsked = false;
        var typing = rows.ToDictionary(r => r.Key, r => r.Value.TypingUntil);
        rows.Clear();
        foreach (var member in frame.Members)
            rows[member.Member] = new Row { Member = member, TypingUntil = typing.GetValueOrDefault(member.Member) };
        _changed.Add(name);
    }

    public void OnReceipts(in ReceiptsFrame frame)
    {
        if (Find(frame.Topic, out var name) is not { Rows: var rows })
            return;
        foreach (var receipt in frame.Entries)
        {
            if (!rows.TryGetValue(receipt.Member, out var row))
                continue;
            // Positions only grow (§9.2).
            row.Member = row.Member with
            {
                Delivered = Math.Max(row.Member.Delivered, receipt.Delivered),
                Read = Math.Max(row.Member.Read, receipt.Read),
            };
            _changed.Add(name);
        }
    }

    public void OnSignal(in PeerSignalFrame frame, TimeSpan now)
    {
        if (Find(frame.Topic, out var name) is not { Rows: var rows } || !rows.TryGetValue(frame.Member, out var row))
            return;
        if (frame.Type == SignalTypes.Typing && TypingSignal.TryRead(frame.Payload, out var typing))
            row.TypingUntil = typing.On ? now + frame.Ttl : TimeSpan.Zero;
        else if (frame.Type == SignalTypes.Presence && PresenceSignal.TryRead(frame.Payload, out var presence))
            row.Member = row.Member with { Online = presence.Online, LastSeenMs = presence.LastSeenMs };
        else
            return;
        NextDeadline = row.TypingUntil > now && row.TypingUntil < NextDeadline ? row.TypingUntil : NextDeadline;
        _changed.Add(name);
    }

    /// <summary>Who posted does not type any more.</summary>
    public void OnPosted(string topic, uint member)
    {
        if (_watched.TryGetValue(topic, out var watched) && watched.Rows.TryGetValue(member, out var row) && row.TypingUntil > TimeSpan.Zero)
        {
            row.TypingUntil = TimeSpan.Zero;
            _changed.Add(topic);
        }
    }

    /// <summary>Without a connection nobody can be seen: all are shown offline, at once, rather than as they were.</summary>
    public void Disconnect()
    {
        // The next connection's rosters are newer than anything heard on this one.
        _outdated.Clear();
        foreach (var (topic, watched) in _watched)
        {
            watched.IsAsked = false;
            foreach (var row in watched.Rows.Values)
            {
                row.TypingUntil = TimeSpan.Zero;
                row.Member = row.Member with { Online = false };
            }
            if (watched.Rows.Count > 0)
                _changed.Add(topic);
        }
    }

    /// <summary>Ends typing whose time is over.</summary>
    public void Poll(TimeSpan now)
    {
        if (now < NextDeadline)
            return;
        NextDeadline = TimeSpan.MaxValue;
        foreach (var (topic, watched) in _watched)
        {
            foreach (var row in watched.Rows.Values)
            {
                if (row.TypingUntil > now)
                    NextDeadline = row.TypingUntil < NextDeadline ? row.TypingUntil : NextDeadline;
                else if (row.TypingUntil > TimeSpan.Zero)
                    (row.TypingUntil, _) = (TimeSpan.Zero, _changed.Add(topic));
            }
        }
    }

    /// <summary>After each input: asks for the rosters that are out of date, and gives one snapshot for each topic whose people changed.</summary>
    public void Settle(GatewayLink? link, Action<EngineNotice> notify)
    {
        if (link is not null && _outdated.Count > 0)
            _outdated.RemoveWhere(topic => !_watched.TryGetValue(topic, out var watched) || TryRefresh(topic, watched, link));
        foreach (var topic in _changed)
        {
            if (_watched.TryGetValue(topic, out var watched))
                notify(new PeopleChanged(topic, [.. watched.Rows.Values.Select(PersonOf)]));
        }
        _changed.Clear();
    }

    // Not while one is on its way: that one may be from before the news. Once: what is watched stays watched, and what is not does not become so.
    private bool TryRefresh(string topic, Watched watched, GatewayLink link) =>
        !watched.IsAsked && topics.NumberOf(topic) is var number and not 0 && Ask(watched, number, WatchMode.Once, link);

    private static bool Ask(Watched watched, uint number, WatchMode mode, GatewayLink link) =>
        watched.IsAsked = link.Send(new WatchFrame(number, mode));

    private Watched? Find(uint number, out string name)
    {
        name = topics.TryGet(number, out var topic) ? topic.Name : "";
        return _watched.GetValueOrDefault(name);
    }

    private static Person PersonOf(Row row) => new(
        row.Member.Member, row.Member.User, row.Member.Role, row.Member.Delivered, row.Member.Read, row.Member.Online,
        row.Member.LastSeenMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(row.Member.LastSeenMs, PayloadLimits.TimeMsMax)) : null,
        row.TypingUntil > TimeSpan.Zero);
}
