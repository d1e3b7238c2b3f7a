using System.Globalization;
using System.Security.Cryptography;

namespace Holi.Gateway.Cluster;

/// <summary>One life of one gateway's process. Random: a restarted gateway is another, and owes nothing to the one before.</summary>
public readonly record struct NodeId(ulong Value)
{
    public static NodeId New() => new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
