using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// The people of the topics that somebody watches (holi.v1.md §9): roster, receipts, presence, typing. Ephemeral: nothing of it is
/// stored, and what has a time to live is forgotten after it.
/// </summary>
internal sealed class WatchedPeople(TopicTable topics)
{
    private sealed class Row
    {
        public required RosterMember Member { get; set; }
        public TimeSpan TypingUntil { get; set; }
    }

    private readonly Dictionary<string, SortedDictionary<uint, Row>> _watched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>When the next typing ends by itself.</summary>
    public TimeSpan NextDeadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Begins or ends watching; with a connection at once, else with the next one.</summary>
    public void Watch(string topic, bool on, GatewayLink? link)
    {
        var changed = on ? _watched.TryAdd(topic, []) : _watched.Remove(topic);
        if (changed && link is not null && topics.NumberOf(topic) is var number and not 0)
            link.Send(new WatchFrame(number, on ? WatchMode.On : WatchMode.Off));
    }

    /// <summary>A topic got its number on this connection: watch it again.</summary>
    public void OnAnnounced(string topic, uint number, GatewayLink link)
    {
        if (_watched.ContainsKey(topic))
            link.Send(new WatchFrame(number, WatchMode.On));
    }

    public void OnRoster(RosterFrame frame)
    {
        if (Rows(frame.Topic, out var name) is not { } rows)
            return;
        var typing = rows.ToDictionary(r => r.Key, r => r.Value.TypingUntil);
        rows.Clear();
        foreach (var member in frame.Members)
            rows[member.Member] = new Row { Member = member, TypingUntil = typing.GetValueOrDefault(member.Member) };
        _changed.Add(name);
    }

    public void OnReceipts(in ReceiptsFrame frame)
    {
        if (Rows(frame.Topic, out var name) is not { } rows)
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
        if (Rows(frame.Topic, out var name) is not { } rows || !rows.TryGetValue(frame.Member, out var row))
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
        if (_watched.TryGetValue(topic, out var rows) && rows.TryGetValue(member, out var row) && row.TypingUntil > TimeSpan.Zero)
        {
            row.TypingUntil = TimeSpan.Zero;
            _changed.Add(topic);
        }
    }

    /// <summary>Without a connection nobody can be seen: all are shown offline, at once, rather than as they were.</summary>
    public void Disconnect()
    {
        foreach (var (topic, rows) in _watched)
        {
            foreach (var row in rows.Values)
            {
                row.TypingUntil = TimeSpan.Zero;
                row.Member = row.Member with { Online = false };
            }
            if (rows.Count > 0)
                _changed.Add(topic);
        }
    }

    /// <summary>Ends typing whose time is over.</summary>
    public void Poll(TimeSpan now)
    {
        if (now < NextDeadline)
            return;
        NextDeadline = TimeSpan.MaxValue;
        foreach (var (topic, rows) in _watched)
        {
            foreach (var row in rows.Values)
            {
                if (row.TypingUntil > now)
                    NextDeadline = row.TypingUntil < NextDeadline ? row.TypingUntil : NextDeadline;
                else if (row.TypingUntil > TimeSpan.Zero)
                    (row.TypingUntil, _) = (TimeSpan.Zero, _changed.Add(topic));
            }
        }
    }

    /// <summary>After each input: one snapshot for each topic whose people changed.</summary>
    public void Settle(Action<EngineNotice> notify)
    {
        foreach (var topic in _changed)
        {
            if (_watched.TryGetValue(topic, out var rows))
                notify(new PeopleChanged(topic, [.. rows.Values.Select(PersonOf)]));
        }
        _changed.Clear();
    }

    private SortedDictionary<uint, Row>? Rows(uint number, out string name)
    {
        name = topics.TryGet(number, out var topic) ? topic.Name : "";
        return _watched.GetValueOrDefault(name);
    }

    private static Person PersonOf(Row row) => new(
        row.Member.Member, row.Member.User, row.Member.Role, row.Member.Delivered, row.Member.Read, row.Member.Online,
        row.Member.LastSeenMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(row.Member.LastSeenMs, PayloadLimits.TimeMsMax)) : null,
        row.TypingUntil > TimeSpan.Zero);
}
