using System.Globalization;
using System.Net.WebSockets;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Overload;

/// <summary>
/// A device that offers messages at a rate, whether or not they are taken. Where it is refused it does what a device does (§12): waits for the hint or the
/// backoff, and comes back. What it did not get rid of meanwhile counts as refused: an app's outbox would keep it.
/// </summary>
internal sealed class OfferingDevice(GatewayTarget target, int number, AcknowledgedMessages messages, TimeProvider time) : IAsyncDisposable
{
    private const int PerAddress = 200;

    private readonly Backoff _backoff = new(Random.Shared.NextDouble);
    private readonly Lock _lock = new();
    private readonly Queue<Pending> _pending = new();
    private LightDevice? _device;
    private GoAwayFrame? _goAway;
    private TaskCompletionSource? _drained;

    private readonly record struct Pending(ulong Seq, int Message, long SentAt, OfferResult? Result);

    public string User { get; } = $"offering-{number}";

    public string Topic { get; } = TopicName.Conversation($"offering-{number}");

    /// <summary>Its first connection: it makes its conversation, which <paramref name="witness"/> belongs to as well.</summary>
    public async Task OpenAsync(string witness, CancellationToken cancel)
    {
        await ConnectAsync(cancel);
        var create = new ConversationCreate(null, [new NewMember(witness, MemberRole.Member)]).ToBytes();
        await _device!.CommandAsync(Topic, MessageTypes.ConversationCreate, create, cancel);
        await _device.FollowsAsync(Topic, cancel);
    }

    /// <summary>Closed loop: so many at a time, the next when these are committed. Returns how many were.</summary>
    public async Task<long> FillAsync(int atOnce, CancellationToken stop)
    {
        for (var done = 0L; ; done += atOnce)
        {
            if (stop.IsCancellationRequested)
                return done;
            var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
                _drained = drained;
            await SendAsync(atOnce, null, CancellationToken.None);
            if (await Task.WhenAny(drained.Task, _device!.Ended) != drained.Task)
                await ReturnAsync(null, CancellationToken.None);
        }
    }

    /// <summary>Open loop: a batch at each of its times until <paramref name="stop"/>.</summary>
    public async Task OfferAsync(double perSecond, TimeSpan interval, OfferResult result, CancellationToken stop)
    {
        var start = time.GetTimestamp() + (long)(Random.Shared.NextDouble() * interval.TotalSeconds * time.TimestampFrequency);
        var (due, returning) = (0.0, Task.CompletedTask);
        try
        {
            for (var tick = 1; ; tick++)
            {
                var at = start + (long)(interval.TotalSeconds * tick * time.TimestampFrequency);
                if (time.GetElapsedTime(time.GetTimestamp(), at) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, stop);
                stop.ThrowIfCancellationRequested();
                due += perSecond * interval.TotalSeconds;
                var count = (int)due;
                due -= count;
                if (count == 0)
                    continue;
                result.Offer(count, time.GetElapsedTime(at));
                if (returning.IsCompleted && (_goAway is not null || _device!.Ended.IsCompleted))
                    returning = ReturnAsync(result, CancellationToken.None);
                if (!returning.IsCompleted)
                    result.Away(time.GetTimestamp());
                else
                    await SendAsync(count, result, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            await returning;
        }
    }

    /// <summary>Waits until nothing is on its way any more.</summary>
    public async Task SettleAsync(CancellationToken cancel)
    {
        while (!_device!.Ended.IsCompleted)
        {
            lock (_lock)
            {
                if (_pending.Count == 0)
                    return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancel);
        }
    }

    public ValueTask DisposeAsync() => _device?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task ConnectAsync(CancellationToken cancel)
    {
        // A new device each time: what the last one had on its way is not sent again, but given up as refused.
        _goAway = null;
        _device = new LightDevice(User) { Address = number / PerAddress, OnCommit = OnCommit, OnGoAway = goAway => _goAway = goAway };
        await _device.ConnectAsync(target.EndpointOf(number), target.Tokens.For(User), -1, [], cancel);
        await _device.TopicsReadAsync(cancel);
    }

    private async Task SendAsync(int count, OfferResult? result, CancellationToken cancel)
    {
        var (first, now) = (messages.Take(count), time.GetTimestamp());
        var texts = Enumerable.Range(first, count).Select(AcknowledgedMessages.Text).ToArray();
        lock (_lock)
        {
            var seq = _device!.LastSeq;
            for (var n = 0; n < count; n++)
                _pending.Enqueue(new Pending(seq + 1 + (ulong)n, first + n, now, result));
        }
        try
        {
            await _device.PostManyAsync(Topic, texts, cancel);
        }
        catch (Exception failure) when (failure is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // Ended meanwhile: the next look at it finds that out.
        }
    }

    private void OnCommit(LightDevice device, ulong committed)
    {
        lock (_lock)
        {
            while (device == _device && _pending.TryPeek(out var pending) && pending.Seq <= committed)
            {
                _pending.Dequeue();
                messages.Acknowledge(pending.Message);
                pending.Result?.Committed(pending.SentAt);
            }
            if (_pending.Count == 0)
                _drained?.TrySetResult();
        }
    }

    // After GoAway, commits still come until the gateway closes; what is not committed then was refused.
    private async Task ReturnAsync(OfferResult? result, CancellationToken cancel)
    {
        await _device!.Ended;
        var code = (int?)_device.CloseStatus;
        var said = _goAway;
        Forget();
        await _device.DisposeAsync();
        var (hint, name) = said is { } goAway
            ? (goAway.RetryAfter + goAway.Spread, $"goAway{(int)goAway.Code}")
            : (TimeSpan.Zero, code is null ? "cut" : $"close{code.Value.ToString(CultureInfo.InvariantCulture)}");
        result?.Refuse(name, hint);
        while (true)
        {
            await Task.Delay(said is { } asked ? _backoff.Hinted(asked.RetryAfter, asked.Spread) : _backoff.NextDelay(), time, cancel);
            try
            {
                await ConnectAsync(cancel);
                _backoff.Reset();
                return;
            }
            catch (WebSocketException)
            {
                said = null;
                _backoff.Failed();
                result?.Refuse("upgrade", TimeSpan.Zero);
            }
        }
    }

    private void Forget()
    {
        lock (_lock)
        {
            foreach (var pending in _pending)
                pending.Result?.Away(pending.SentAt);
            _pending.Clear();
        }
    }
}
