using System.Buffers;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// Takes a message apart and hands each frame to whom it concerns. It ends the connection (returns an <see cref="Ending"/>) at the first
/// frame that breaks a rule: what came before it counts.
/// </summary>
internal sealed class FrameIntake(
    DeviceProtocol protocol, Opening opening, CommandFlow flow, CommandQueue queue, TopicTable topics, TopicIntake intake,
    WatchedPeople people, HistoryQuestions histories, TokenKeeper tokens, Action<EngineNotice> notify)
{
    private readonly List<RefusedCommand> _refused = [];
    private (GatewayLink Link, ulong Through)? _untold;

    public Ending? Handle(GatewayLink link, in ReadOnlySequence<byte> message, EngineTime time)
    {
        var reader = new FrameReader(message);
        Violation violation;
        while (reader.TryRead(out var frame, out violation))
        {
            violation = link.Parts.OnWhole(frame.Kind);
            var ending = violation.IsNone ? HandleFrame(link, frame, isWhole: true, time) : Ending.Of(violation);
            if (ending is not null)
                return ending;
        }
        return violation.IsNone ? null : Ending.Of(violation);
    }

    /// <summary>
    /// Tells what was committed, once it is certain that the gateway's commands are these and not a copy's (§6.4): after a fork the app would
    /// take another device's commit for its own.
    /// </summary>
    public void TellCommitted(GatewayLink link)
    {
        if (_untold is not { } commit || commit.Link != link || flow.IsVerifying)
            return;
        _untold = null;
        notify(new CommandsCommitted(queue.NumberOf(commit.Through), _refused.Count > 0 ? _refused.ToArray() : []));
        _refused.Clear();
    }

    private Ending? HandleFrame(GatewayLink link, in Frame frame, bool isWhole, EngineTime time)
    {
        switch (protocol.Admit(frame.Kind, out var violation))
        {
            case Admission.Refused:
                return Ending.Of(violation);
            case Admission.Taken:
                if (isWhole && BulkRule.MayBeBulk(frame, topics))
                    link.Bulk.Received(frame.WireBytes);
                return frame.Kind switch
                {
                    FrameKind.Welcome => opening.OnWelcome(link, frame.Body, time, notify),
                    FrameKind.Part => HandlePart(link, frame, time),
                    _ => Dispatch(link, frame, time) is { IsNone: false } broken ? Ending.Of(broken) : null,
                };
            default:
                return null;
        }
    }

    private Ending? HandlePart(GatewayLink link, in Frame frame, EngineTime time)
    {
        if (!PartFrame.TryRead(frame.Body, out var part, out var violation))
            return Ending.Of(violation);
        if (part.Lane == Lane.Bulk && part.Last)
            link.Bulk.Received(frame.WireBytes);
        else if (part.Lane == Lane.Bulk && link.Bulk.ReceivedPart(frame.WireBytes) is { } credit)
            link.Send(credit);
        if (!link.Parts.TryAdd(part.Lane, part.Last, part.Bytes, out var whole, out violation))
            return violation.IsNone ? null : Ending.Of(violation);
        var reader = new FrameReader(whole, WireLimits.FrameBytesMax);
        var ending = reader.TryRead(out var inner, out violation)
            ? HandleFrame(link, inner, isWhole: false, time)
            : violation.IsNone ? null : Ending.Of(violation);
        link.Parts.Release(part.Lane);
        return ending;
    }

    private Violation Dispatch(GatewayLink link, in Frame frame, EngineTime time)
    {
        Violation violation;
        switch (frame.Kind)
        {
            case FrameKind.Event:
                if (EventFrame.TryRead(frame.Body, link.Welcome!.TimeBaseMs, out var happened, out violation))
                    violation = OnEvent(happened);
                break;
            case FrameKind.Commit:
                if (CommitFrame.TryRead(frame.Body, out var commit, out violation))
                    violation = OnCommit(link, commit);
                break;
            case FrameKind.Skip:
                if (SkipFrame.TryRead(frame.Body, out var skip, out violation))
                    violation = intake.OnSkip(skip);
                break;
            case FrameKind.Complete:
                if (CompleteFrame.TryRead(frame.Body, out var complete, out violation))
                    violation = OnComplete(link, complete, time.Now);
                break;
            case FrameKind.Topic:
                if (TopicFrame.TryRead(frame.Body, out var topic, out violation))
                    violation = opening.OnTopic(link, topic);
                break;
            case FrameKind.TopicGone:
                if (TopicGoneFrame.TryRead(frame.Body, out var gone, out violation))
                    intake.OnGone(gone);
                break;
            case FrameKind.Receipts:
                if (ReceiptsFrame.TryRead(frame.Body, out var receipts, out violation))
                    OnReceipts(receipts);
                break;
            case FrameKind.PeerSignal:
                if (PeerSignalFrame.TryRead(frame.Body, out var signal, out violation))
                    people.OnSignal(signal, time.Now);
                break;
            case FrameKind.Roster:
                if (RosterFrame.TryRead(frame.Body, out var roster, out violation))
                    people.OnRoster(roster);
                break;
            case FrameKind.HistoryPage:
                if (HistoryPageFrame.TryRead(frame.Body, out var page, out violation))
                    violation = histories.OnPage(page, link.Welcome!.TimeBaseMs);
                break;
            case FrameKind.Error:
                if (ErrorFrame.TryRead(frame.Body, out var error, out violation))
                    OnError(error);
                break;
            case FrameKind.Ping:
                if (PingFrame.TryRead(frame.Body, out var ping, out violation))
                    link.Send(new PongFrame(ping.Nonce, time.UnixMs));
                break;
            case FrameKind.Pong:
                PongFrame.TryRead(frame.Body, out _, out violation);
                break;
            case FrameKind.TokenAccepted:
                if (TokenAcceptedFrame.TryRead(frame.Body, out var accepted, out violation))
                    tokens.OnAccepted(TimeSpan.FromMilliseconds(accepted.ExpiresMs - link.GatewayTimeMs(time.Now)), time.Now);
                break;
            case FrameKind.Credit:
                if (CreditFrame.TryRead(frame.Body, out var credit, out violation))
                    violation = link.Lanes.OnCredit(credit.Lane, credit.Bytes, time.Now);
                break;
            case FrameKind.GoAway:
                if (GoAwayFrame.TryRead(frame.Body, out var goAway, out violation))
                    OnGoAway(link, goAway, time.Now);
                break;
            default:
                // Recordings and snapshots: this client asks for none, so what comes is not for it.
                violation = Violation.None;
                break;
        }
        return violation;
    }

    private Violation OnEvent(in EventFrame happened)
    {
        if (topics.TryGet(happened.Topic, out var topic))
        {
            if (happened.Type == MessageTypes.MessagePost)
                people.OnPosted(topic.Name, happened.Member);
            // What is older than the announcement is older than the roster, too.
            else if (happened.Offset > topic.AnnouncedHead && happened.Type is MessageTypes.MemberAdd or MessageTypes.MemberRemove or MessageTypes.MemberRole)
                people.OnMembers(topic.Name);
        }
        return intake.OnEvent(happened);
    }

    private Violation OnCommit(GatewayLink link, in CommitFrame commit)
    {
        if (_untold?.Link != link)
            _refused.Clear();
        foreach (var refusal in commit.Refusals)
            _refused.Add(new RefusedCommand(queue.NumberOf(refusal.Seq), refusal.Code));
        var violation = flow.OnCommit(commit.Committed);
        if (!violation.IsNone)
            return violation;
        _untold = (link, commit.Committed);
        TellCommitted(link);
        return violation;
    }

    private Violation OnComplete(GatewayLink link, CompleteFrame complete, TimeSpan now)
    {
        if (complete.Topic != 0)
            return intake.OnComplete(complete, now);
        (link.AllCompleteAt, link.AllCompleteMs) = (now, complete.TimeMs);
        notify(new AllComplete(now, complete.TimeMs));
        return Violation.None;
    }

    // One's own receipts tell what was read on another device of the same person.
    private void OnReceipts(in ReceiptsFrame receipts)
    {
        people.OnReceipts(receipts);
        if (!topics.TryGet(receipts.Topic, out var topic))
            return;
        foreach (var receipt in receipts.Entries)
        {
            if (receipt.Member != topic.Now.Member || receipt.Read <= topic.Now.Read)
                continue;
            topic.Change(topic.Now with { Read = receipt.Read });
            intake.Touch(topic);
        }
    }

    private void OnError(in ErrorFrame error)
    {
        if (error.Code == HoliCode.SeqGap)
            flow.OnGap();
        else if (error.Request != 0)
            histories.OnError(error.Request, error.Code, notify);
        if (error is { Request: 0, Topic: not 0 })
            people.OnError(error.Topic);
        if (error.Request == 0)
            notify(new ProblemMet(error.Code, "The gateway answered a frame with an error."));
    }

    private void OnGoAway(GatewayLink link, in GoAwayFrame goAway, TimeSpan now)
    {
        link.GoAwayCode = goAway.Code;
        protocol.OnGoAway(goAway.RetryAfter, goAway.Spread, now);
        flow.Stop();
    }
}
