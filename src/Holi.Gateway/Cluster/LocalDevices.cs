using System.Runtime.InteropServices;
using Holi.Gateway.Topics;
using Holi.Wire;

namespace Holi.Gateway.Cluster;

/// <summary>
/// The devices that are connected here and the fence each was opened with, so that one opened at another gateway is closed here at once (§6.5). That its
/// commands take no effect any more does not rest on this: the log's own fence sees to it. Thread-safe.
/// </summary>
public sealed class LocalDevices
{
    private readonly record struct Place(long DeviceId, ulong Fence, ConnectionMarks Marks);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, int> _places = [];
    private readonly List<Place> _devices = [];
    private long _changes;

    /// <summary>Counts devices that came, changed places or left.</summary>
    public long Changes => Volatile.Read(ref _changes);

    public int Count
    {
        get
        {
            lock (_lock)
                return _devices.Count;
        }
    }

    /// <summary>A connection speaks for the device now.</summary>
    public void Add(long deviceId, ulong fence, ConnectionMarks marks)
    {
        lock (_lock)
        {
            Volatile.Write(ref _changes, _changes + 1);
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, deviceId, out var isKnown);
            var place = new Place(deviceId, fence, marks);
            if (!isKnown)
            {
                index = _devices.Count;
                _devices.Add(place);
            }
            else if (fence > _devices[index].Fence)
            {
                _devices[index] = place;
            }
        }
    }

    /// <summary>That connection is over.</summary>
    public void Remove(long deviceId, ConnectionMarks marks)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(deviceId, out var index) || _devices[index].Marks != marks)
                return;
            Volatile.Write(ref _changes, _changes + 1);
            _places.Remove(deviceId);
            var last = _devices[^1];
            if (last.DeviceId != deviceId)
            {
                _devices[index] = last;
                _places[last.DeviceId] = index;
            }
            _devices.RemoveAt(_devices.Count - 1);
        }
    }

    /// <summary>The device was opened with this fence, here or elsewhere: an older connection of it is closed with 4501.</summary>
    public void Opened(long deviceId, ulong fence)
    {
        ConnectionMarks? older = null;
        lock (_lock)
        {
            if (_places.TryGetValue(deviceId, out var index) && _devices[index].Fence < fence)
                older = _devices[index].Marks;
        }
        older?.Close(HoliCode.Fenced);
    }

    /// <summary>Copies devices, for comparing with the log. Returns where to go on; 0 at the end.</summary>
    public int Copy(int from, int countMax, List<long> deviceIds)
    {
        lock (_lock)
        {
            for (; from < _devices.Count && deviceIds.Count < countMax; from++)
                deviceIds.Add(_devices[from].DeviceId);
            return from < _devices.Count ? from : 0;
        }
    }
}
