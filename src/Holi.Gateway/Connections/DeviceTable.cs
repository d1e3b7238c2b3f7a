using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// Which connection speaks for each device. That an older one's commands take no effect is the committer's work (the fence); this closes its
/// socket (§6.5). Thread-safe.
/// </summary>
public sealed class DeviceTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DeviceKey, ConnectionMarks> _devices = [];

    /// <summary>True where a connection speaks for the device.</summary>
    public bool Has(in DeviceKey key)
    {
        lock (_lock)
            return _devices.ContainsKey(key);
    }

    /// <summary>From now on <paramref name="marks"/> speaks for the device. Returns the older one, told to close with 4501.</summary>
    public ConnectionMarks? Claim(in DeviceKey key, ConnectionMarks marks)
    {
        ConnectionMarks? older;
        lock (_lock)
        {
            _devices.TryGetValue(key, out older);
            _devices[key] = marks;
        }
        older?.Close(HoliCode.Fenced);
        return older;
    }

    /// <summary>The connection is over.</summary>
    public void Release(in DeviceKey key, ConnectionMarks marks)
    {
        lock (_lock)
        {
            if (_devices.TryGetValue(key, out var current) && ReferenceEquals(current, marks))
                _devices.Remove(key);
        }
    }
}
