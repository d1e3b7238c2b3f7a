using System.Buffers;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>Hello, Welcome and the topics behind it (holi.v1.md §6, §8.1).</summary>
internal sealed class Opening(
    EngineOptions options, DeviceProtocol protocol, CommandQueue queue, CommandFlow flow, TopicTable topics, TopicIntake intake,
    WatchedPeople people, TokenKeeper tokens, OpeningNumbers openings)
{
    // Everything in Hello but token, cursors, device and client: numbers and a digest, with their MessagePack heads.
    private const int FixedBytes = 256;

    /// <summary>The next Hello asks for a new generation: the gateway's commands are not ours, or ours could not all be read back.</summary>
    public bool NeedsGeneration { get; set; }

    /// <summary>The app is in front.</summary>
    public bool IsForeground { get; set; } = true;

    /// <summary>Says Hello; commands may follow at once.</summary>
    public void SayHello(GatewayLink link, string token)
    {
        var stored = queue.Stored;
        var fits = topics.TryGetCursors(WireLimits.HelloBytesMax - FixedBytes - token.Length - stored.Device.Length - options.Client.Length, out var cursors);
        var generation = NeedsGeneration ? 0 : stored.Generation;
        // Where not all cursors fit, a topic without one must not be taken for new: nothing is sent of any before its Follow.
        link.Backlog = fits ? options.Backlog : -1;
        var hello = new HelloFrame
        {
            Token = token,
            Device = stored.Device,
            Generation = generation,
            LastAssigned = generation == 0 ? 0 : stored.LastAssigned,
            Known = generation == 0 ? 0 : queue.Committed.Known,
            Digest = generation == 0 ? default : queue.Committed.Digest,
            Backlog = link.Backlog,
            Cursors = cursors,
            BulkCredit = options.Limits.BulkWindowBytes,
            Client = options.Client,
            Opening = openings.Take(),
        };
        flow.Open(generation, link.Send(hello), link.Lanes, topics);
    }

    /// <summary>Welcome came.</summary>
    public Ending? OnWelcome(GatewayLink link, in ReadOnlySequence<byte> body, EngineTime time, Action<EngineNotice> notify)
    {
        if (!WelcomeFrame.TryRead(body, out var welcome, out var violation))
            return Ending.Of(violation);
        // One person's outbox never leaves as another's: whoever the token belongs to, it is not the owner of this store.
        if (welcome.User != options.User)
            return new Ending(HoliCode.Forbidden, "The token belongs to another user than this device's store.");
        if (welcome.Heartbeat <= TimeSpan.Zero)
            return Ending.Of(new Violation(HoliCode.BadValue, "6.2"));
        switch (flow.OnWelcome(welcome))
        {
            case WelcomeVerdict.Broken:
                return Ending.Of(new Violation(HoliCode.BadValue, "6.2"));
            case WelcomeVerdict.Forked:
                return Fork;
        }
        link.Welcome = welcome;
        openings.Accepted();
        link.WelcomeAt = time.Now;
        notify(new Welcomed(welcome.Heartbeat));
        link.Lanes.AddCredit(Lane.Bulk, (ulong)welcome.BulkCredit);
        link.Lanes.AddCredit(Lane.Audio, (ulong)welcome.AudioCredit);
        protocol.OnWelcome(welcome.Heartbeat < options.HeartbeatMax ? welcome.Heartbeat : options.HeartbeatMax, time.Now);
        tokens.OnAccepted(TimeSpan.FromMilliseconds(welcome.TokenExpiresMs - welcome.TimeMs), time.Now);
        if (!IsForeground)
            link.Send(new DeviceStateFrame(Foreground: false));
        if (welcome.Topics == 0)
            intake.OnAllAnnounced();
        return null;
    }

    /// <summary>A topic is announced: at the opening, by Follow, or because the user came to belong to it.</summary>
    public Violation OnTopic(GatewayLink link, TopicFrame frame)
    {
        var isNew = topics.NumberOf(frame.Name) == 0;
        var violation = intake.OnTopic(frame);
        if (!violation.IsNone)
            return violation;
        if (isNew && ++link.TopicsAnnounced == link.Welcome!.Topics)
            intake.OnAllAnnounced();
        if (protocol.State != DeviceState.Ready)
            return violation;
        people.OnAnnounced(frame.Name, frame.Number, link);
        if (isNew && link.Backlog < 0 && !topics.IsNamed(frame.Name) && options.Backlog >= 0)
            Follow(link, topics.Find(frame.Name)!);
        return violation;
    }

    /// <summary>Asks for a topic's events from what is surely stored on.</summary>
    public void Follow(GatewayLink link, TopicState topic)
    {
        var held = topic.Synced is { } synced && synced.Epoch == topic.Now.Epoch ? synced : null;
        var cursor = held?.Cursor ?? 0;
        topics.Follow(topic, cursor);
        link.Send(new FollowFrame(topic.Number, default, cursor == 0 ? 0 : held!.Epoch, cursor, (ulong)Math.Max(0, options.Backlog)));
    }

    public static Ending Fork { get; } =
        new(HoliCode.GenerationForked, "The gateway knows other commands of this device: a restored or copied device asks for a new generation.");
}
