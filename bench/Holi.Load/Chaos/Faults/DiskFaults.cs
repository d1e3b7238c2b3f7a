using Holi.Servers;

namespace Holi.Load.Chaos.Faults;

/// <summary>Row 16: the disk under Postgres is full. Postgres may end itself then; it is started again once there is room.</summary>
internal static class DiskFaults
{
    public static Fault Of(PostgresServer postgres, SmallDisk? disk, string why) => new(
        "disk-full", 16, "postgres",
        _ =>
        {
            disk!.Fill();
            return Task.CompletedTask;
        },
        cancel =>
        {
            disk!.Free();
            return postgres.RecoverAsync(cancel);
        },
        disk is null ? $"a small disk ({why})" : null);
}
