using System.Net.WebSockets;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Flush;

/// <summary>
/// The independent witness: another person's device, which connects again after every cut with the cursor that it has, and counts what
/// arrives. It does not deduplicate and does not sort: what it counts is what the gateway's log holds.
/// </summary>
internal sealed class FlushReceiver(GatewayTarget target, string user, string topic, int messages, TimeProvider time)
{
    private readonly bool[] _seen = new bool[messages];
    private ulong _cursor;
    private ulong _epoch;
    private int _highest = -1;
    private int _connections;
    private volatile int _gateway;
    private int _arrived;
    private long _duplicated;
    private long _outOfOrder;

    /// <summary>Different messages so far.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    /// <summary>The place of the gateway that it is at, or tries to reach.</summary>
    public int Gateway => _gateway;

    public long Duplicated => _duplicated;

    public long OutOfOrder => _outOfOrder;

    /// <summary>Receives until everything is there or <paramref name="cancel"/> says stop.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (Arrived < messages && !cancel.IsCancellationRequested)
        {
            try
            {
                await ReceiveAsync(cancel);
            }
            catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or InvalidOperationException)
            {
                // The gateway was killed: connect again.
            }
            if (Arrived < messages)
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
        }
    }

    private async Task ReceiveAsync(CancellationToken cancel)
    {
        await using var device = new LightDevice(user) { OnEvent = Count };
        IReadOnlyList<TopicCursor> cursors = _cursor == 0 ? [] : [new TopicCursor(topic, _epoch, _cursor)];
        device.OnTopic = announced =>
        {
            if (announced.Name == topic)
                _epoch = announced.Epoch;
        };
        // Another one at each connection, as a balancer would choose.
        _gateway = _connections++ % target.Endpoints.Count;
        await device.ConnectAsync(target.Endpoints[_gateway], target.Tokens.For(user), backlog: int.MaxValue, cursors, cancel);
        while (Arrived < messages && device.Failure is null && !cancel.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, CancellationToken.None);
    }

    private void Count(LightDevice device, EventFrame happened)
    {
        if (device.NameOf(happened.Topic) != topic)
            return;
        _cursor = happened.Offset;
        if (happened.Type != MessageTypes.MessagePost || !MessagePost.TryRead(happened.Payload, out var post))
            return;
        var number = FlushMessages.NumberOf(post.Text);
        if (number != _highest + 1)
            _outOfOrder++;
        _highest = Math.Max(_highest, number);
        if (_seen[number])
            _duplicated++;
        else
            Interlocked.Increment(ref _arrived);
        _seen[number] = true;
    }
}
