using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Lanes;

/// <summary>What must get through: alerts that a backend publishes, chat to the device, and chat from it. Each is numbered; its time is from when it was said.</summary>
internal sealed class LaneTraffic : IAsyncDisposable
{
    public const string User = "slow", Chat = "conversation/chat";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(330), Patience = TimeSpan.FromSeconds(15);

    private readonly GatewayTarget _target;
    private readonly LaneDevice _device;
    private readonly LightDevice _friend;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new();
    private readonly ConcurrentDictionary<string, long> _saidAt = new();
    private readonly ConcurrentDictionary<ulong, long> _postedAt = new();
    private LaneTimes _times = new();
    private int _next;

    public LaneTraffic(GatewayTarget target, LaneDevice device, LightDevice friend, TimeProvider time)
    {
        (_target, _device, _friend, _time) = (target, device, friend, time);
        device.OnEvent = OnEvent;
        device.OnCommit = OnCommit;
    }

    /// <summary>Events that came again.</summary>
    public long Duplicated { get; private set; }

    /// <summary>Makes the device's alert topic, by a first alert.</summary>
    public Task BeginAsync(CancellationToken cancel) => AlertAsync("first", cancel);

    /// <summary>Says one of each, over and over, for so long; then waits for what is still on its way.</summary>
    public async Task<LaneTimes> RunAsync(TimeSpan duration, CancellationToken cancel)
    {
        var times = _times = new LaneTimes();
        using var timer = new PeriodicTimer(Interval, _time);
        for (var start = _time.GetTimestamp(); _time.GetElapsedTime(start) < duration; await timer.WaitForNextTickAsync(cancel))
        {
            var number = (_next++).ToString(CultureInfo.InvariantCulture);
            var (alert, chat) = ($"a{number}", $"c{number}");
            _saidAt[alert] = _time.GetTimestamp();
            var alerting = AlertAsync(alert, cancel);
            // None of them at the same moment: each is to find the link as it is.
            await Task.Delay(Interval / 3, _time, cancel);
            _saidAt[chat] = _time.GetTimestamp();
            await _friend.PostAsync(Chat, chat, cancel);
            await Task.Delay(Interval / 3, _time, cancel);
            var now = _time.GetTimestamp();
            _postedAt[_device.Post(Chat, $"u{number}")] = now;
            await alerting;
            times.Said += 3;
        }
        for (var since = _time.GetTimestamp(); times.Heard < times.Said && _time.GetElapsedTime(since) < Patience;)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancel);
        if (times.Heard < times.Said)
            Console.Error.WriteLine($"not heard: {string.Join(", ", _saidAt.Keys.Concat(_postedAt.Keys.Select(seq => $"seq {seq}")))}");
        return times;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AlertAsync(string title, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(_target.Endpoints[0]) { Scheme = "http", Path = "/v1/publish" }.Uri)
        {
            Content = JsonContent.Create(new { key = $"lanes-{title}", target = TopicName.Alert(User), kind = "notification", priority = 9, content = new { title, body = "Potassium 6.9 mmol/l, taken at 14:05." } }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _target.Tokens.For("backend", scope: "holi.publish"));
        using var answer = await _http.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
    }

    private void OnEvent(string topic, EventFrame happened)
    {
        if (happened.Type == MessageTypes.Notification && Notification.TryRead(happened.Payload, out var alert))
            Heard(alert.Title, _times.Alerts);
        else if (topic == Chat && happened.Type == MessageTypes.MessagePost && MessagePost.TryRead(happened.Payload, out var post) && post.Text.StartsWith('c'))
            Heard(post.Text, _times.Chats);
    }

    private void Heard(string name, Latencies latencies)
    {
        if (name == "first")
            return;
        if (!_saidAt.TryRemove(name, out var at))
        {
            Duplicated++;
            return;
        }
        latencies.Record(_time.GetElapsedTime(at));
        _times.Hear();
    }

    private void OnCommit(ulong committed)
    {
        foreach (var seq in _postedAt.Keys.Where(seq => seq <= committed))
        {
            if (!_postedAt.TryRemove(seq, out var at))
                continue;
            _times.OwnChats.Record(_time.GetElapsedTime(at));
            _times.Hear();
        }
    }
}

/// <summary>How long each took in one phase.</summary>
internal sealed class LaneTimes
{
    private int _heard;

    public Latencies Alerts { get; } = new();

    /// <summary>To the device.</summary>
    public Latencies Chats { get; } = new();

    /// <summary>From it, until it knows that it is committed.</summary>
    public Latencies OwnChats { get; } = new();

    public int Said { get; set; }

    public int Heard => Volatile.Read(ref _heard);

    public void Hear() => Interlocked.Increment(ref _heard);
}
