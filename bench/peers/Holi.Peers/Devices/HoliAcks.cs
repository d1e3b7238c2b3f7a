using System.Buffers;
using Holi.Load.Devices;
using Holi.Wire.Frames;

namespace Holi.Peers.Devices;

/// <summary>
/// What a device has heard and not said yet, said together when the SDK would. By a thread that does not know whether the device is just connecting
/// again, so it is under a lock with whether anything may be said, saying too.
/// </summary>
/// <param name="say">Writes and sends a frame.</param>
internal sealed class HoliAcks(Action<ReadOnlyMemory<byte>> say)
{
    private readonly Dictionary<uint, ulong> _heard = [];
    private readonly Lock _lock = new();
    private bool _isOpen;

    /// <summary>Welcome came.</summary>
    public void Open()
    {
        lock (_lock)
            _isOpen = true;
    }

    /// <summary>The connection is over: its topics' numbers mean nothing on the next one.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isOpen = false;
            _heard.Clear();
        }
    }

    public void Heard(uint topic, ulong offset)
    {
        lock (_lock)
        {
            if (_heard.Count == 0)
                LateAcks.Add(SayAsync);
            _heard[topic] = offset;
        }
    }

    /// <summary>Says all of it now.</summary>
    public void Say()
    {
        lock (_lock)
        {
            if (!_isOpen || _heard.Count == 0)
                return;
            var frame = new ArrayBufferWriter<byte>(64);
            AckFrame.Write(frame, [.. _heard.Select(heard => new AckEntry(heard.Key, heard.Value))]);
            _heard.Clear();
            say(frame.WrittenMemory);
        }
    }

    private Task SayAsync()
    {
        Say();
        return Task.CompletedTask;
    }
}
