using Holi.Simulation.Time;

namespace Holi.Simulation.Network;

/// <summary>How a direction of a connection is at the moment. Shared by all connections of a device.</summary>
public sealed class PipeQuality
{
    public double LatencyLeastMs { get; set; } = 0.5;
    public double LatencyMostMs { get; set; } = 40;
    /// <summary>Bytes per second; 0 has no limit.</summary>
    public int BytesPerSecond { get; set; }
    /// <summary>What the sockets' buffers hold: beyond it the sender waits.</summary>
    public int BufferBytes { get; set; } = 256 << 10;
}

/// <summary>
/// One direction of a connection: messages in order, each after its time, until it is cut. A message that is taken off the pipe makes room
/// for the sender.
/// </summary>
internal sealed class SimPipe(VirtualTime time, SimRandom random, PipeQuality quality)
{
    private readonly Queue<byte[]> _arrived = new();
    private TimeSpan _last;
    private long _cuts;
    private bool _isSwallowing;

    public required Action<byte[]> Deliver { get; init; }
    public required Action<int> DeliverClose { get; init; }
    public required Action Room { get; init; }
    /// <summary>False while the receiver does not read.</summary>
    public required Func<bool> MayDeliver { get; init; }

    public int BytesUnderway { get; private set; }

    public bool HasRoom => BytesUnderway < quality.BufferBytes;

    public bool HasUndelivered => BytesUnderway > 0;

    public void Send(byte[] message)
    {
        BytesUnderway += message.Length;
        var cut = _cuts;
        var slow = quality.BytesPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)message.Length / quality.BytesPerSecond);
        time.At(Arrival(slow), () =>
        {
            // After a cut nothing arrives; a sender that does not know it goes on until its buffer is full.
            if (cut != _cuts || _isSwallowing)
                return;
            _arrived.Enqueue(message);
            Drain();
        });
    }

    public void SendClose(int status)
    {
        var cut = _cuts;
        time.At(Arrival(TimeSpan.Zero), () =>
        {
            if (cut == _cuts && !_isSwallowing)
                DeliverClose(status);
        });
    }

    /// <summary>The receiver may read again.</summary>
    public void Drain()
    {
        while (MayDeliver() && _arrived.TryDequeue(out var message))
        {
            BytesUnderway -= message.Length;
            Deliver(message);
            Room();
        }
    }

    /// <summary>What is on the way, and what will be sent, is lost; nobody is told.</summary>
    public void Swallow()
    {
        _cuts++;
        _isSwallowing = true;
    }

    private TimeSpan Arrival(TimeSpan slow)
    {
        var arrival = time.Now + random.Duration(quality.LatencyLeastMs, quality.LatencyMostMs);
        _last = (arrival > _last ? arrival : _last) + slow;
        return _last;
    }
}
