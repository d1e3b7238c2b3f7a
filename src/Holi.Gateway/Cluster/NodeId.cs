using System.Globalization;
using System.Security.Cryptography;

namespace Holi.Gateway.Cluster;

/// <summary>One life of one gateway's process. Random: a restarted gateway is another, and owes nothing to the one before.</summary>
/// <param name="Value">Which.</param>
/// <param name="Epoch">Of the history that the log held when it began. What it says of offsets, devices and positions is true in that one alone.</param>
public readonly record struct NodeId(ulong Value, ulong Epoch = 0)
{
    public static NodeId New() => new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
