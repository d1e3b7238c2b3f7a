using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// Which connection speaks for each device here (§6.5): the one whose opening the log accepted last, which is the one with the highest fence. That an
/// older one's commands take no effect, and which opening is the newer, is the committer's work; this closes the older socket. Thread-safe.
/// </summary>
public sealed class DeviceTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DeviceKey, Place> _devices = [];

    /// <summary>True where a connection speaks for the device.</summary>
    public bool Has(in DeviceKey key)
    {
        lock (_lock)
            return _devices.TryGetValue(key, out var place) && place.Speaker is not null;
    }

    /// <summary>A connection is about to ask the committer. <see cref="Release"/> is owed whatever comes of it; until then its place is remembered.</summary>
    public void Enter(in DeviceKey key)
    {
        lock (_lock)
        {
            if (!_devices.TryGetValue(key, out var place))
                _devices.Add(key, place = new Place());
            place.Connections++;
        }
    }

    /// <summary>
    /// The committer has opened the device with this fence: from now on <paramref name="marks"/> speaks for it, and <paramref name="older"/> was told
    /// to close with 4501. False where a later opening was heard of already, speaking or over: two answers of the committer may be heard in any order.
    /// </summary>
    public bool Claim(in DeviceKey key, ulong fence, ConnectionMarks marks, out ConnectionMarks? older)
    {
        lock (_lock)
        {
            var place = _devices[key];
            older = null;
            if (place.Fence > fence)
                return false;
            older = place.Speaker;
            (place.Speaker, place.Fence) = (marks, fence);
        }
        older?.Close(HoliCode.Fenced);
        return true;
    }

    /// <summary>A connection that was to <see cref="Enter"/> is over.</summary>
    public void Release(in DeviceKey key, ConnectionMarks marks)
    {
        lock (_lock)
        {
            var place = _devices[key];
            if (ReferenceEquals(place.Speaker, marks))
                place.Speaker = null;
            if (--place.Connections == 0)
                _devices.Remove(key);
        }
    }

    private sealed class Place
    {
        /// <summary>Connections that are open, or opening.</summary>
        public int Connections;
        public ConnectionMarks? Speaker;
        /// <summary>The highest that an opening here was given.</summary>
        public ulong Fence;
    }
}
