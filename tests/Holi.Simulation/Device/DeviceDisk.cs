using Holi.Client;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Device;

/// <summary>A topic in a device's replica.</summary>
public sealed record DeviceTopic(ReplicaTopic Topic, SortedList<ulong, ReplicaEvent> Events);

/// <summary>What lies on a device's disk. Cloned for a backup, and for a second device with the same identity.</summary>
public sealed class DeviceDisk(string device)
{
    /// <summary>Of what is queued before there is a generation. A real store's is random; a disk is new once, and copies keep what they copied.</summary>
    public const uint OwnGeneration = WireLimits.OwnGenerationMin;

    public string Device { get; } = device;
    public uint Generation { get; set; }
    public ulong LastAssigned { get; set; }
    public ulong Known { get; set; }
    public CommandDigest Digest { get; set; }
    public ulong SendFloor { get; set; }
    public ulong Openings { get; set; }
    public List<OutboxCommand> Outbox { get; private init; } = [];
    public Dictionary<string, DeviceTopic> Topics { get; private init; } = [];

    /// <summary>What a power cut would leave, where that is less; null while all is synced.</summary>
    public DeviceDisk? Synced { get; set; }

    /// <summary>Cursors that a bug has not synced with their events.</summary>
    public Dictionary<string, ulong> UnsyncedCursors { get; } = [];

    public DeviceDisk Clone()
    {
        var clone = new DeviceDisk(Device)
        {
            Generation = Generation, LastAssigned = LastAssigned, Known = Known, Digest = Digest, SendFloor = SendFloor, Openings = Openings, Outbox = [.. Outbox],
        };
        foreach (var (name, topic) in Topics)
            clone.Topics.Add(name, topic with { Events = new(topic.Events) });
        return clone;
    }
}
