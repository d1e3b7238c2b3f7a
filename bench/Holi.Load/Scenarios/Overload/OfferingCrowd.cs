using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Overload;

/// <summary>The devices that offer, and the witness who reads the log when all is over.</summary>
internal sealed class OfferingCrowd : IAsyncDisposable
{
    private const string Witness = "witness";
    private const int AtOnce = 5, Opening = 8, ManyTimes = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50), WarmUp = TimeSpan.FromSeconds(3), Rest = TimeSpan.FromSeconds(4), Patience = TimeSpan.FromSeconds(60);

    private readonly GatewayTarget _target;
    private readonly TimeProvider _time;
    private readonly AcknowledgedMessages _messages = new();
    private readonly OfferingDevice[] _devices;

    private OfferingCrowd(GatewayTarget target, int devices, TimeProvider time)
    {
        (_target, _time) = (target, time);
        _devices = [.. Enumerable.Range(0, devices).Select(n => new OfferingDevice(target, n, _messages, time))];
    }

    public static async Task<OfferingCrowd> OpenAsync(GatewayTarget target, int devices, TimeProvider time, CancellationToken cancel)
    {
        var crowd = new OfferingCrowd(target, devices, time);
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Opening, CancellationToken = cancel };
            await Parallel.ForEachAsync(crowd._devices, options, async (device, stop) => await device.OpenAsync(Witness, stop));
            return crowd;
        }
        catch
        {
            await crowd.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Messages that can be committed in a second: first while each device has a few on their way, then, since so few do not fill the gateways, while so many times
    /// as many are offered and most are refused.
    /// </summary>
    public async Task<double> MeasureCapacityAsync(TimeSpan duration, CancellationToken cancel)
    {
        var few = await FillAsync(duration / 2, cancel);
        var start = _time.GetTimestamp();
        var many = await OfferAsync(few * ManyTimes, duration, cancel);
        var rate = many.Latencies.Count / _time.GetElapsedTime(start).TotalSeconds;
        await SettleAsync(cancel);
        await Task.Delay(duration < Rest ? duration : Rest, _time, cancel);
        return Math.Max(few, rate);
    }

    private async Task<double> FillAsync(TimeSpan duration, CancellationToken cancel)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var filling = _devices.Select(device => device.FillAsync(AtOnce, stopping.Token)).ToArray();
        await Task.Delay(duration < WarmUp ? duration : WarmUp, _time, cancel);
        var (before, start) = (_messages.Acknowledged, _time.GetTimestamp());
        await Task.Delay(duration, _time, cancel);
        var rate = (_messages.Acknowledged - before) / _time.GetElapsedTime(start).TotalSeconds;
        await stopping.CancelAsync();
        await Task.WhenAll(filling);
        return rate;
    }

    public async Task<OfferResult> OfferAsync(double perSecond, TimeSpan duration, CancellationToken cancel)
    {
        var result = new OfferResult(_time);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var timer = _time.CreateTimer(_ => stopping.Cancel(), null, duration, Timeout.InfiniteTimeSpan);
        var offering = _devices.Select(device => device.OfferAsync(perSecond / _devices.Length, Interval, result, stopping.Token)).ToArray();
        await Task.WhenAll(offering);
        cancel.ThrowIfCancellationRequested();
        return result;
    }

    public Task SettleAsync(CancellationToken cancel) => Task.WhenAll(_devices.Select(device => device.SettleAsync(cancel)));

    /// <summary>Reads the whole log back.</summary>
    public async Task<(long Lost, long Duplicated)> CompareWithLogAsync(CancellationToken cancel)
    {
        Console.Error.WriteLine($"{_messages.Acknowledged} messages were acknowledged; reading the log …");
        await using var witness = new LightDevice(Witness)
        {
            OnEvent = (_, happened) =>
            {
                if (happened.Type == MessageTypes.MessagePost && MessagePost.TryRead(happened.Payload, out var post))
                    _messages.Find(post.Text);
            },
        };
        await witness.ConnectAsync(_target.Endpoint, _target.Tokens.For(Witness), int.MaxValue, [], cancel);
        for (var since = _time.GetTimestamp(); _messages.Found < _messages.Acknowledged && _time.GetElapsedTime(since) < Patience;)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancel);
        return (_messages.Acknowledged - _messages.Found, _messages.Duplicated);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.DisposeAsync();
    }
}
