using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Cluster;

/// <summary>What a gateway of a cluster says and when: the loop that sends, and the timer that keeps others and itself up to date.</summary>
public sealed partial class ClusterNode
{
    private readonly List<(LineName Name, byte[] Bytes)> _ready = [];
    private long _sent, _unsent;
    private TimeSpan _heartbeatAt = TimeSpan.MinValue;
    private int _isTicking;
    private bool? _wasHealthy;

    private async Task SendAsync()
    {
        var wakeups = new WakeupWriter(Self, _limits.Cluster);
        var fences = new MessageWriter();
        while (await _outbox.TakeAsync().ConfigureAwait(false) is { } item)
        {
            _ready.Clear();
            if (item is ReadyMessage message)
                _ready.Add((message.Name, message.Bytes));
            else
                Encode((BatchOutcome)item, wakeups, fences);
            foreach (var (name, bytes) in _ready)
            {
                var isSent = await _line.PublishAsync(name, _seal!.Seal(bytes)).ConfigureAwait(false);
                Interlocked.Increment(ref isSent ? ref _sent : ref _unsent);
            }
        }
    }

    private void Encode(BatchOutcome outcome, WakeupWriter wakeups, MessageWriter fences)
    {
        wakeups.Write(outcome, (shard, bytes) => _ready.Add((LineName.Shard(shard), bytes)));
        fences.Begin(MessageKind.Fences, Self);
        var empty = fences.Count;
        foreach (var (_, opened) in outcome.Opened)
        {
            if (opened.Code == Wire.HoliCode.None)
                FencesMessage.Add(fences, opened.DeviceId, opened.Fence);
        }
        if (fences.Count > empty)
            _ready.Add((LineName.All, fences.ToArray()));
    }

    private void Heard(ReadOnlyMemory<byte> message)
    {
        if (Gather is { } gather)
            gather(() => Hear(message));
        else
            Hear(message);
    }

    private void Hear(ReadOnlyMemory<byte> sealedMessage)
    {
        var message = ArrayPool<byte>.Shared.Rent(sealedMessage.Length);
        if (_seal!.TryOpen(sealedMessage.Span, message, out var length))
            Hear(message.AsSpan(0, length));
        else
            _intake.Drop();
        ArrayPool<byte>.Shared.Return(message);
    }

    private void Hear(ReadOnlySpan<byte> message)
    {
        var now = Now;
        switch (_intake.Take(message, now, out var origin))
        {
            case MessageReply.Echo:
                _watch.OnEcho(now);
                break;
            case MessageReply.Ask:
                Ask(LineName.Inbox(origin));
                break;
            case MessageReply.TellAll:
                _questions.Asked(origin);
                break;
        }
    }

    private void Ask(LineName whom)
    {
        var writer = new MessageWriter();
        writer.Begin(MessageKind.Ask, Self);
        Post(whom, writer.ToArray());
    }

    private void TellAll(LineName whom)
    {
        _roll.TellAll(bytes => Post(whom, bytes));
        TellRevoked(whom, _revoked.All);
    }

    private void TellRevoked(RevokedToken token) => TellRevoked(LineName.All, [token]);

    private void TellRevoked(LineName whom, IEnumerable<RevokedToken> tokens)
    {
        var writer = new MessageWriter();
        foreach (var token in tokens)
        {
            if (writer.Count == 0)
                writer.Begin(MessageKind.Revoked, Self);
            RevokedMessage.Add(writer, token);
            if (writer.Count < _limits.Cluster.MessageBytesMax / 2)
                continue;
            Post(whom, writer.ToArray());
            writer.BeginPart();
        }
        if (writer.Count > 0)
            Post(whom, writer.ToArray());
    }

    private void OnPersonChanged(string tenant, string user, bool online, long lastSeenMs)
    {
        if (_roll.Change(new RollChange(new PersonKey(tenant, user), online, lastSeenMs)))
            _newsDue.Change(_limits.Cluster.PresenceInterval, Timeout.InfiniteTimeSpan);
    }

    private void TellNews() => _roll.TellNews(bytes => Post(LineName.All, bytes));

    private void Post(LineName name, byte[] bytes)
    {
        if (_line.Exists)
            _outbox.Add(new ReadyMessage(name, bytes));
    }

    private void Tick()
    {
        // One that takes longer than the interval, on a machine without time, is not doubled.
        if (Interlocked.Exchange(ref _isTicking, 1) != 0)
            return;
        var now = Now;
        if (_heartbeatAt == TimeSpan.MinValue || now.Since - _heartbeatAt >= _limits.Cluster.HeartbeatInterval * 0.9)
        {
            _heartbeatAt = now.Since;
            _watch.OnSaid(now);
            TellNews();
            _rolls.Sweep(now);
            SubscribeNeeded();
        }
        if (_questions.MayAsk(now.Since))
            Ask(LineName.All);
        foreach (var asker in _questions.TakeAskers())
            TellAll(LineName.Inbox(asker));
        var isHealthy = _watch.Poll(now);
        // At the beginning it may take a moment until anything is heard.
        if (isHealthy != _wasHealthy && (isHealthy || now.Since > _limits.Cluster.SilenceMax))
            OnHealthChanged(isHealthy);
        if (_comparing.IsCompleted && _pace.TryBegin(now.Since, isHealthy, out var isHurried))
            _comparing = _begin(() => CompareAsync(isHurried));
        Volatile.Write(ref _isTicking, 0);
    }

    private void OnHealthChanged(bool isHealthy)
    {
        _wasHealthy = isHealthy;
        if (isHealthy)
            LogLineUp(_log);
        else
            LogLineDown(_log, _limits.Cluster.CompareIntervalAlone.TotalMilliseconds);
    }

    // Messages of this name may have been missed: the log knows what they were about, or those who sent them do.
    private void Missed(LineName name)
    {
        _pace.Hurry();
        if (name == LineName.All)
            _questions.Missed();
    }

    private async Task CompareAsync(bool isWhole)
    {
        try
        {
            await _comparison.RoundAsync(isWhole).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The committer says so to the operator; what was not compared is compared next time.
            if (isWhole)
                _pace.Hurry();
        }
        catch (OperationCanceledException)
        {
            // The gateway ends.
        }
    }

    private void SubscribeSoon() => _begin(() =>
    {
        SubscribeNeeded();
        return Task.CompletedTask;
    });

    private void SubscribeNeeded() => _interest.Look(
        Now.Since, _limits.Cluster.ShardLinger, shard => _line.Subscribe(LineName.Shard(shard)), shard => _line.Unsubscribe(LineName.Shard(shard)));

    [LoggerMessage(200, LogLevel.Warning, "Other gateways are not heard: the log is compared every {Milliseconds} ms instead.")]
    private static partial void LogLineDown(ILogger log, double milliseconds);

    [LoggerMessage(201, LogLevel.Information, "Other gateways can be heard.")]
    private static partial void LogLineUp(ILogger log);
}
