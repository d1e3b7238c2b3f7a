using System.Collections.Concurrent;
using System.Globalization;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Storm;

/// <summary>Rooms of ten whose members can be cut all at one moment, and writers who stay and go on writing to them.</summary>
internal sealed class StormCrowd : IAsyncDisposable
{
    private const int Members = 10, RoomsPerWriter = 50, AtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly GatewayTarget _target;
    private readonly TimeProvider _time;
    private readonly StormDevice[] _devices;
    private readonly LightDevice[] _writers;
    private readonly int[] _written;

    private StormCrowd(GatewayTarget target, int count, TimeProvider time)
    {
        (_target, _time) = (target, time);
        var rooms = (count + Members - 1) / Members;
        _written = new int[rooms];
        _devices = [.. Enumerable.Range(0, count).Select(n => new StormDevice(target, n, TopicOf(n / Members), time))];
        _writers = [.. Enumerable.Range(0, (rooms + RoomsPerWriter - 1) / RoomsPerWriter).Select(n => new LightDevice($"writer-{n}"))];
    }

    public long Attempts => _devices.Sum(device => (long)device.Attempts);

    public long Refused => _devices.Sum(device => (long)device.Refused);

    public long OutOfOrder => _devices.Sum(device => device.OutOfOrder);

    /// <summary>Connects all and writes a first message to everybody.</summary>
    public static async Task<StormCrowd> OpenAsync(GatewayTarget target, int count, TimeProvider time, CancellationToken cancel)
    {
        var crowd = new StormCrowd(target, count, time);
        try
        {
            foreach (var writer in crowd._writers)
                await writer.ConnectAsync(target.Endpoint, target.Tokens.For(writer.User), 0, [], cancel);
            for (var room = 0; room < crowd._written.Length; room++)
            {
                var members = crowd.InRoom(room).Select(device => new NewMember(device.User, MemberRole.Member)).ToArray();
                await crowd.WriterOf(room).CommandAsync(TopicOf(room), MessageTypes.ConversationCreate, new ConversationCreate(null, members).ToBytes(), cancel);
                await crowd.WriterOf(room).FollowsAsync(TopicOf(room), cancel);
            }
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(crowd._devices, options, async (device, stop) => await device.ReturnAsync(stop));
            await crowd.WriteAsync(1, cancel);
            await Task.WhenAll(crowd._devices.Select(device => device.HasAsync(1, cancel)));
            return crowd;
        }
        catch
        {
            await crowd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cuts everybody and writes to them; each comes back by itself. How long each took, from the cut until it had all that was written.</summary>
    public async Task<IReadOnlyCollection<TimeSpan>> StormAsync(int messages, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var timer = _time.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        var times = new ConcurrentBag<TimeSpan>();
        var last = _written[0] + messages;
        var start = _time.GetTimestamp();
        foreach (var device in _devices)
            device.Cut();
        var returning = _devices.Select(async device =>
        {
            await device.ReturnAsync(patience.Token);
            await device.HasAsync(last, patience.Token);
            times.Add(_time.GetElapsedTime(start));
        }).ToArray();
        await WriteAsync(messages, cancel);
        try
        {
            await Task.WhenAll(returning);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Who is not back by now is counted as missing.
        }
        return times;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.DisposeAsync();
        foreach (var writer in _writers)
            await writer.DisposeAsync();
    }

    private static string TopicOf(int room) => TopicName.Conversation($"storm-{room}");

    private IEnumerable<StormDevice> InRoom(int room) => _devices.Skip(room * Members).Take(Members);

    private LightDevice WriterOf(int room) => _writers[room / RoomsPerWriter];

    private async Task WriteAsync(int messages, CancellationToken cancel)
    {
        for (var message = 0; message < messages; message++)
        {
            for (var room = 0; room < _written.Length; room++)
                await WriterOf(room).PostAsync(TopicOf(room), (++_written[room]).ToString(CultureInfo.InvariantCulture), cancel);
        }
    }
}
