using System.Buffers;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

/// <summary>A link in virtual time: so many bytes a second, so long a way, and a queue that takes everything, as the worst of routers has. At its end a receiver that stores for a while and pays back.</summary>
internal sealed class SimulatedLink(LaneScheduler sender, double bytesPerSecond, TimeSpan way, TimeSpan storing, CreditWindow? window)
{
    private static readonly TimeSpan UrgentEvery = TimeSpan.FromMilliseconds(270);

    private readonly PriorityQueue<Action, TimeSpan> _events = new();
    private readonly PartAssembler _parts = new(Side.Gateway);
    private readonly Queue<TimeSpan> _urgentAt = new();
    private readonly byte[] _urgent = WireFrames.Frame(FrameKind.Event, 120), _bulk = WireFrames.Frame(FrameKind.HistoryPage, 60_000);
    private TimeSpan _now, _free;

    /// <summary>How long each urgent frame took.</summary>
    public List<TimeSpan> Urgent { get; } = [];

    /// <summary>Bytes of bulk that have arrived.</summary>
    public long BulkBytes { get; private set; }

    /// <summary>Whole frames of bulk that have arrived.</summary>
    public int BulkFrames { get; private set; }

    /// <summary>Goes on until then: always something in bulk, now and then something urgent.</summary>
    public void RunUntil(TimeSpan end)
    {
        if (_now == TimeSpan.Zero)
            SayUrgent();
        Fill();
        while (_events.TryPeek(out _, out var at) && at <= end)
        {
            _now = at;
            _events.Dequeue()();
            Fill();
            if (sender.NextDeadline < TimeSpan.MaxValue)
                _events.Enqueue(() => { }, sender.NextDeadline > _now ? sender.NextDeadline : _now + TimeSpan.FromTicks(1));
        }
        _now = end;
    }

    private void SayUrgent()
    {
        _urgentAt.Enqueue(_now);
        sender.TryEnqueue(Lane.Urgent, _urgent).ShouldBeTrue();
        _events.Enqueue(SayUrgent, _now + UrgentEvery);
    }

    private void Fill()
    {
        while (sender.PendingFrames(Lane.Bulk) < 2)
            sender.TryEnqueue(Lane.Bulk, _bulk).ShouldBeTrue();
        for (var message = new ArrayBufferWriter<byte>(); sender.TryFill(message, WireLimits.MessageBytesMax, _now); message = new ArrayBufferWriter<byte>())
        {
            _free = (_free > _now ? _free : _now) + TimeSpan.FromSeconds(message.WrittenCount / bytesPerSecond);
            var bytes = message.WrittenMemory;
            _events.Enqueue(() => Arrive(bytes), _free + way);
            while (sender.PendingFrames(Lane.Bulk) < 2)
                sender.TryEnqueue(Lane.Bulk, _bulk).ShouldBeTrue();
        }
    }

    private void Arrive(ReadOnlyMemory<byte> message)
    {
        var reader = new FrameReader(new ReadOnlySequence<byte>(message));
        while (reader.TryRead(out var frame, out _))
        {
            if (frame.Kind != FrameKind.Part)
            {
                Urgent.Add(_now - _urgentAt.Dequeue());
                continue;
            }
            PartFrame.TryRead(frame.Body, out var part, out _).ShouldBeTrue();
            if (_parts.TryAdd(part.Lane, part.Last, part.Bytes, out var whole, out var violation))
            {
                whole.ToArray().ShouldBe(_bulk);
                _parts.Release(part.Lane);
                BulkFrames++;
            }
            violation.IsNone.ShouldBeTrue();
            BulkBytes += frame.WireBytes;
            var bytes = frame.WireBytes;
            window?.OnReceived(bytes).IsNone.ShouldBeTrue();
            _events.Enqueue(() => Stored(bytes), _now + storing);
        }
    }

    private void Stored(int bytes)
    {
        if (window?.OnReleased(bytes) is > 0 and var returned)
            _events.Enqueue(() => sender.OnCredit(Lane.Bulk, (ulong)returned, _now).IsNone.ShouldBeTrue(), _now + way);
    }
}
