namespace Holi.Load.Devices;

/// <summary>What a <see cref="LightDevice"/> keeps when its socket is gone, so that the next one is the same device's.</summary>
internal sealed class LightIdentity
{
    public string Device { get; } = "load-" + Guid.NewGuid().ToString("N");

    /// <summary>0 until the first Welcome.</summary>
    public uint Generation { get; set; }

    /// <summary>How many sockets it has had.</summary>
    public ulong Opening { get; set; }
}
