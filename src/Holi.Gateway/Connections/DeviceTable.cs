using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// Which connection speaks for each device (§6.5). That an older one's commands take no effect is the committer's work (the fence); this keeps the
/// openings of a device in the order in which their sockets came, and closes the older socket. Thread-safe.
/// <para>Why sockets and not Hellos: a device opens a socket only when it is done with the one before, and says Hello only on a socket that is
/// open. So its sockets come in its own order, whatever the network does; a Hello of a life that ended may come late, and must not fence the
/// life that there is.</para>
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

    /// <summary>
    /// Submits a connection's opening, unless one that came later was submitted before: then 4501. The lock is held meanwhile, so that the
    /// committer gets a device's openings in this order. <see cref="Release"/> is owed whatever comes of it.
    /// </summary>
    public HoliCode Open(in DeviceKey key, long arrival, Func<bool> submit)
    {
        lock (_lock)
        {
            if (!_devices.TryGetValue(key, out var place))
                _devices.Add(key, place = new Place());
            place.Connections++;
            if (arrival < place.Newest)
                return HoliCode.Fenced;
            if (!submit())
                return HoliCode.Overloaded;
            place.Newest = arrival;
            return HoliCode.None;
        }
    }

    /// <summary>
    /// The committer has opened the device: from now on <paramref name="marks"/> speaks for it, and <paramref name="older"/> was told to close with
    /// 4501. False where a later connection speaks for it already: two answers of the committer may be heard in any order.
    /// </summary>
    public bool Claim(in DeviceKey key, long arrival, ConnectionMarks marks, out ConnectionMarks? older)
    {
        lock (_lock)
        {
            var place = _devices[key];
            older = null;
            if (place.SpeakerArrival > arrival)
                return false;
            older = place.Speaker;
            (place.Speaker, place.SpeakerArrival) = (marks, arrival);
        }
        older?.Close(HoliCode.Fenced);
        return true;
    }

    /// <summary>A connection that was to <see cref="Open"/> is over.</summary>
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
        /// <summary>The latest arrival whose opening was submitted.</summary>
        public long Newest;
        public ConnectionMarks? Speaker;
        public long SpeakerArrival;
    }
}
