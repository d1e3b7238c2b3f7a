using Holi.Servers;

namespace Holi.Load.Chaos.Faults;

/// <summary>Row 16: the disk under Postgres is full, or fails to sync. Postgres may end itself then; it is started again once its disk is well.</summary>
internal static class DiskFaults
{
    public static IEnumerable<Fault> Of(PostgresServer postgres, ChaosSite site)
    {
        yield return Of("disk-full", postgres, () => site.Disk!.Fill(), () => site.Disk!.Free(), site.Disk is null ? $"a small disk ({site.DiskMissing})" : null);
        yield return Of("sync-fails", postgres, () => site.Syncs.Fail(), () => site.Syncs.Heal(), site.Syncs.Missing);
    }

    private static Fault Of(string name, PostgresServer postgres, Action strike, Action heal, string? missing) => new(
        name, "postgres",
        _ =>
        {
            strike();
            return Task.CompletedTask;
        },
        cancel =>
        {
            heal();
            return postgres.RecoverAsync(cancel);
        })
    { Missing = missing };
}
