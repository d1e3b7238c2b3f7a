using Holi.Load.Chaos.Workload;

namespace Holi.Load.Chaos.Faults;

/// <summary>All faults that a site can be struck with.</summary>
internal static class FaultTable
{
    /// <param name="wanted">Names, or empty for all.</param>
    /// <param name="skipped">What this machine cannot do, and why.</param>
    public static IReadOnlyList<Fault> Of(
        ChaosSite site, IReadOnlyList<ChaosDevice> devices, IReadOnlyCollection<string> wanted, Random random, out IReadOnlyList<string> skipped)
    {
        var all = NetworkFaults.Of(site, random).Concat(GatewayFaults.Of(site, devices, random)).ToList();
        if (site.Site.Redis is { } redis)
            all.AddRange(RedisFaults.Of(redis, site.ToRedis!));
        if (site.Site.Postgres is { } postgres)
            all.AddRange([.. PostgresFaults.Of(postgres, site.ToPostgres, random), DiskFaults.Of(postgres, site.Disk, site.DiskMissing)]);
        all.AddRange(site.Clocks.Of(site.Site.Nodes.Count, random));
        if (wanted.FirstOrDefault(name => all.TrueForAll(fault => fault.Name != name)) is { } unknown)
            throw new ArgumentException($"There is no fault '{unknown}'; there are {string.Join(", ", all.Select(fault => fault.Name).Distinct())}.");
        var chosen = all.Where(fault => wanted.Count == 0 || wanted.Contains(fault.Name)).ToList();
        skipped = [.. chosen.Where(fault => fault.Missing is not null).Select(fault => $"{fault.Name}: {fault.Missing} is missing").Distinct()];
        return [.. chosen.Where(fault => fault.Missing is null)];
    }
}
