using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Simulation.Log;
using Holi.Simulation.Proof;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Gateway;

/// <summary>Listens at the gateway's end of a connection: what was said to whom is the history's, whether it arrived or not.</summary>
internal sealed class WireTap(Run run, SimConnection connection)
{
    private readonly Dictionary<uint, (TopicKey Key, ulong Epoch)> _topics = [];
    private readonly HashSet<uint> _complete = [];
    private readonly Dictionary<long, int> _pages = [];
    private readonly Dictionary<Lane, ArrayBufferWriter<byte>> _parts = [];
    private ulong _committedAtOpening;
    private ulong _committedSaid;
    private bool _isWelcomed;
    private int _announcing;
    private ulong _pipelinedFrom = ulong.MaxValue;

    /// <summary>Who Hello said it is.</summary>
    public DeviceKey Device { get; private set; }

    public void In(byte[] message)
    {
        var reader = new FrameReader(new ReadOnlySequence<byte>(message));
        while (reader.TryRead(out var frame, out _))
        {
            if (Run.Diary is not null)
                run.Note($"> {connection.Name} {frame.Kind} {frame.Body.Length}");
            if (frame.Kind == FrameKind.Credit)
                run.Saw(Sight.BulkCreditReturned);
            if (frame.Kind == FrameKind.Hello && HelloFrame.TryRead(frame.Body, out var hello, out _))
                Hello(hello);
            if (frame.Kind == FrameKind.Signal && SignalFrame.TryRead(frame.Body, out var signal, out _) && _topics.TryGetValue(signal.Topic, out var typed))
                Typed(typed.Key, typed.Epoch);
            if (frame.Kind is not (FrameKind.Command or FrameKind.CommandAgain))
                continue;
            var isRead = frame.Kind == FrameKind.Command
                ? CommandFrame.TryRead(frame.Body, out var command, out _)
                : CommandFrame.TryReadAgain(frame.Body, out command, out _);
            if (!isRead)
                continue;
            if (connection.Machine.State == GatewayState.Authenticating)
            {
                run.Saw(Sight.PipelinedBehindHello);
                _pipelinedFrom = Math.Min(_pipelinedFrom, command.Seq);
            }
            if (_isWelcomed && command.Seq <= _committedAtOpening)
                run.Saw(Sight.DuplicateAnsweredAgain);
        }
    }

    private void Typed(TopicKey key, ulong epoch)
    {
        if (run.Disk.Data.Find(key)?.Members.GetValueOrDefault(Device.User) is { } member)
            run.History.Add(new TypedAt(new WireEvent(Device.Tenant, Device.User, key, epoch, connection.PublishedOf(member.TopicId)), member.Number));
    }

    private void Hello(HelloFrame hello)
    {
        var tokens = hello.Token.Split('|');
        Device = new DeviceKey(tokens[0], tokens[1], hello.Device);
        if (!run.OpeningsSaid.Add((Device, hello.Opening)))
            run.OpeningsShared.Add(Device);
        foreach (var cursor in hello.Cursors)
        {
            if (run.Disk.Data.Membership(tokens[0], tokens[1], cursor.Name) is null)
                run.Saw(Sight.RemovedWhileOffline);
        }
    }

    public void ReadEvents(long topicId)
    {
        var pages = _pages[topicId] = _pages.GetValueOrDefault(topicId) + 1;
        if (pages == 3)
            run.Saw(Sight.CatchUpInPages);
        var key = run.Disk.Data.Find(topicId)?.Key;
        if (_complete.Any(n => _topics[n].Key == key))
            run.Saw(Sight.FellBehindTail);
    }

    public byte[] Out(byte[] message)
    {
        run.History.Mix(message);
        var reader = new FrameReader(new ReadOnlySequence<byte>(message));
        var kept = run.Bug == PlantedBug.MissingReAck ? new ArrayBufferWriter<byte>() : null;
        while (reader.TryRead(out var frame, out _))
        {
            if (Run.Diary is not null)
                run.Note($"< {connection.Name} {frame.Kind} {frame.Body.Length}");
            if (!Heard(frame) && kept is not null)
                continue;
            if (kept is not null)
                Copy(frame, kept);
        }
        return kept is null ? message : kept.WrittenSpan.ToArray();
    }

    public void Closed(HoliCode code)
    {
        if (Run.Diary is not null)
            run.Note($"< {connection.Name} closed {code}");
        if (code == HoliCode.Fenced)
            Fenced();
        else if (code == HoliCode.OpeningOutdated)
            run.Saw(connection.IsOfThePast ? Sight.LateHelloRefused : Sight.CopyCountedFurther);
        else if (code == HoliCode.Silent)
            run.Saw(Sight.SilentDeviceClosed);
        else if (code == HoliCode.TokenExpired && _isWelcomed)
            run.Saw(Sight.TokenExpiredOnConnection);
        else if (code == HoliCode.GenerationForked)
            run.Saw(Sight.ForkFoundByGateway);
        else if (code == HoliCode.GenerationUnknown)
            run.Saw(Sight.GenerationUnknown);
        // Not those of its earlier lives either, whether anybody hears it or not: they are told that they are outdated.
        var isCopied = run.Copied.Contains(Device);
        var isHonest = !isCopied && !run.SetBack.Contains(Device) && !run.OpeningsShared.Contains(Device);
        if (code is HoliCode.GenerationForked or HoliCode.GenerationUnknown && isHonest)
            run.Fail('P', $"The gateway took an honest device for a copy: {(int)code} {code}.");
        if (code == HoliCode.OpeningOutdated && !isCopied && !connection.IsOfThePast)
            run.Fail('P', "The gateway took an honest device's newest socket for an older one.");
        // An honest device breaks no rule; one whose seqs were used by its copy may be told so.
        if (HoliCodes.ActionOf((int)code) == CodeAction.ReportAndRetry && !(code == HoliCode.SeqReused && isCopied))
            run.Fail('P', $"The gateway closed with {(int)code} {code}.");
        if (code == HoliCode.TooManyViolations)
            run.Fail('P', "The gateway closed with 4503.");
    }

    private void Fenced()
    {
        run.Saw(Sight.FencedConnection);
        if (run.Speakers.TryGetValue(Device, out var speaker) && speaker.Place != connection.Place)
            run.Saw(Sight.FencedByAnother);
    }

    // False where a bug swallows the frame.
    private bool Heard(in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Welcome when WelcomeFrame.TryRead(frame.Body, out var welcome, out _):
                _isWelcomed = true;
                _committedAtOpening = _committedSaid = welcome.Committed;
                _announcing = welcome.Topics;
                if (_pipelinedFrom <= welcome.Committed)
                {
                    run.Saw(Sight.PipelinedWereCommitted);
                    run.Saw(Sight.DuplicateAnsweredAgain);
                }
                break;
            case FrameKind.Commit when CommitFrame.TryRead(frame.Body, out var commit, out _):
                if (commit.Committed == _committedAtOpening)
                {
                    foreach (var _ in commit.Refusals)
                        run.Saw(Sight.RefusalToldAfterReconnect);
                }
                if (run.Bug == PlantedBug.MissingReAck && commit.Committed <= _committedSaid)
                    return false;
                _committedSaid = commit.Committed;
                break;
            case FrameKind.Topic when TopicFrame.TryRead(frame.Body, out var topic, out _):
                _topics[topic.Number] = (new TopicKey(connection.Machine.Identity!.Tenant, topic.Name), topic.Epoch);
                _complete.Remove(topic.Number);
                if (--_announcing < 0)
                    run.Saw(Sight.FollowedWhileConnected);
                if (topic.Head >= topic.First)
                    run.History.Add(new PositionSent(At(topic.Number, topic.Head), "its head"));
                break;
            case FrameKind.TokenAccepted:
                run.Saw(Sight.TokenRefreshed);
                break;
            case FrameKind.Event when EventFrame.TryRead(frame.Body, 0, out var sent, out _):
                Sent(sent.Topic, sent.Offset);
                if (sent.Type == MessageTypes.MessageErased)
                    run.Saw(Sight.ErasedBeforeDelivery);
                break;
            case FrameKind.Skip when SkipFrame.TryRead(frame.Body, out var skip, out _):
                run.Saw(skip.Reason == SkipReason.BeyondBacklog ? Sight.SkipBeyondBacklog : Sight.SkipNotVisible);
                break;
            case FrameKind.Complete when CompleteFrame.TryRead(frame.Body, out var complete, out _):
                if (complete.Topic != 0)
                    _complete.Add(complete.Topic);
                break;
            case FrameKind.TopicGone when TopicGoneFrame.TryRead(frame.Body, out var gone, out _):
                if (gone.Code == HoliCode.Removed)
                    run.Saw(Sight.RemovedWhileConnected);
                _complete.Remove(gone.Number);
                break;
            case FrameKind.Roster when RosterFrame.TryRead(frame.Body, out var roster, out _):
                run.History.Add(new RosterSent(At(roster.Topic, 0), [.. roster.Members.Select(m => m.User).Order(StringComparer.Ordinal)]));
                break;
            case FrameKind.Receipts when ReceiptsFrame.TryRead(frame.Body, out var receipts, out _):
                foreach (var entry in receipts.Entries)
                    run.History.Add(new PositionSent(At(receipts.Topic, Math.Max(entry.Delivered, entry.Read)), "that somebody has it so far"));
                break;
            case FrameKind.PeerSignal when PeerSignalFrame.TryRead(frame.Body, out var shown, out _) && shown.Ttl > TimeSpan.Zero:
                run.History.Add(new TypingSent(At(shown.Topic, 0), shown.Member));
                break;
            case FrameKind.HistoryPage when HistoryPageFrame.TryRead(frame.Body, out var page, out _):
                var inner = page.ReadFrames();
                while (inner.TryRead(out var each, out _))
                    Heard(each);
                break;
            case FrameKind.Part when PartFrame.TryRead(frame.Body, out var part, out _):
                Join(part);
                break;
        }
        return true;
    }

    private void Join(in PartFrame part)
    {
        if (!_parts.TryGetValue(part.Lane, out var whole))
            _parts.Add(part.Lane, whole = new ArrayBufferWriter<byte>());
        foreach (var piece in part.Bytes)
            whole.Write(piece.Span);
        if (!part.Last)
            return;
        run.Saw(Sight.PartsReassembled);
        var reader = new FrameReader(new ReadOnlySequence<byte>(whole.WrittenMemory), WireLimits.FrameBytesMax);
        if (reader.TryRead(out var frame, out _))
            Heard(frame);
        _parts.Remove(part.Lane);
    }

    private void Sent(uint number, ulong offset) => run.History.Add(new EventSent(At(number, offset)));

    private WireEvent At(uint number, ulong offset)
    {
        var identity = connection.Machine.Identity!;
        if (!_topics.TryGetValue(number, out var topic))
            run.Fail('P', $"Something of topic {number}, which was never announced.");
        return new WireEvent(identity.Tenant, identity.User, topic.Key, topic.Epoch, offset);
    }

    private static void Copy(in Frame frame, ArrayBufferWriter<byte> output)
    {
        Span<byte> head = stackalloc byte[10];
        head[0] = (byte)frame.Kind;
        var length = 1;
        for (var rest = (ulong)frame.Body.Length; ; rest >>= 7)
        {
            head[length++] = (byte)(rest > 127 ? rest | 128 : rest);
            if (rest <= 127)
                break;
        }
        output.Write(head[..length]);
        foreach (var piece in frame.Body)
            output.Write(piece.Span);
    }
}
