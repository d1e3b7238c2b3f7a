using System.Diagnostics;
using Holi.Servers;

namespace Holi.EndToEnd.Peers;

/// <summary>Disks that can be filled; without root the test is skipped.</summary>
internal static class SmallDisks
{
    public static SmallDisk Mount(int megabytes)
    {
        if (SmallDisk.TryMount(megabytes, out var why) is { } disk)
            return disk;
        Assert.Skip($"A small disk cannot be mounted here (that needs root): {why}");
        throw new UnreachableException();
    }
}
