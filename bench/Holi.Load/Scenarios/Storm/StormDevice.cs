using System.Globalization;
using System.Net.WebSockets;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Storm;

/// <summary>A device that only reads: it keeps its cursors when it is cut, and comes back with them as the protocol says.</summary>
internal sealed class StormDevice(GatewayTarget target, int number, string topic, TimeProvider time) : IAsyncDisposable
{
    // So many devices share an address, as people of a clinic do.
    private const int PerAddress = 200;
    private const int Backlog = 100;

    private readonly LightIdentity _identity = new();
    private readonly Dictionary<string, TopicCursor> _cursors = [];
    private readonly Backoff _backoff = new(Random.Shared.NextDouble);
    private readonly Lock _lock = new();
    private LightDevice? _device;
    private TaskCompletionSource _waiting = new();
    private int _awaited = int.MaxValue;
    private int _last;
    private long _outOfOrder;

    public string User { get; } = $"storm-{number}";

    public int Attempts { get; private set; }

    public int Refused { get; private set; }

    public long OutOfOrder => Volatile.Read(ref _outOfOrder);

    /// <summary>Its network dies, without a word.</summary>
    public void Cut() => _device!.Cut();

    /// <summary>Connects, the first time or again; tries until it succeeds.</summary>
    public async Task ReturnAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (_device is not null)
            {
                await _device.DisposeAsync();
                await Task.Delay(_backoff.NextDelay(), time, cancel);
            }
            Attempts++;
            _device = new LightDevice(User, _identity) { Address = number / PerAddress, OnTopic = OnTopic, OnEvent = OnEvent };
            try
            {
                TopicCursor[] cursors;
                lock (_lock)
                    cursors = [.. _cursors.Values.Where(cursor => cursor.Offset > 0)];
                await _device.ConnectAsync(target.EndpointOf(number + Attempts), target.Tokens.For(User), Backlog, cursors, cancel);
                _backoff.Reset();
                return;
            }
            catch (WebSocketException)
            {
                Refused++;
                _backoff.Failed();
            }
        }
    }

    /// <summary>Completes when it has message <paramref name="number"/> of its room.</summary>
    public Task HasAsync(int number, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_last >= number)
                return Task.CompletedTask;
            (_awaited, _waiting) = (number, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _waiting.Task.WaitAsync(cancel);
        }
    }

    public ValueTask DisposeAsync() => _device?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void OnTopic(TopicFrame announced)
    {
        lock (_lock)
        {
            if (!_cursors.TryGetValue(announced.Name, out var cursor) || cursor.Epoch != announced.Epoch)
                _cursors[announced.Name] = new TopicCursor(announced.Name, announced.Epoch, 0);
        }
    }

    private void OnEvent(LightDevice device, EventFrame happened)
    {
        lock (_lock)
        {
            // What a socket that is cut still had in its buffers counts: it was received.
            var name = device.NameOf(happened.Topic);
            _cursors[name] = _cursors[name] with { Offset = happened.Offset };
            if (name != topic || happened.Type != MessageTypes.MessagePost || !MessagePost.TryRead(happened.Payload, out var post))
                return;
            var message = int.Parse(post.Text, CultureInfo.InvariantCulture);
            if (message != _last + 1)
                _outOfOrder++;
            _last = message;
            if (_last >= _awaited)
                _waiting.TrySetResult();
        }
    }
}
