using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;

namespace Holi.Gateway.Ops;

/// <summary>Upgrades the schema in Postgres ahead of a roll-out. Exit codes: 0 up to date, 1 could not, 2 the options are wrong.</summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(IConfiguration settings, CancellationToken cancel)
    {
        var options = OptionsReader.Read(settings, out var errors);
        if (errors.Count > 0)
            return OptionErrors.Print(errors);
        if (options.Postgres is not { } postgres)
            return OptionErrors.Print(["Postgres:ConnectionString is missing: the log on SQLite is upgraded by the gateway itself when it starts."]);
        try
        {
            var applied = await PostgresStart.MigrateAsync(postgres, TimeProvider.System, cancel);
            await Console.Out.WriteLineAsync(
                $"{options.LogPlace}: {(applied.Count == 0 ? "up to date" : $"applied {string.Join(", ", applied)}")}.");
            return 0;
        }
        catch (Exception e) when (e is StoreUnavailableException or SchemaTooNewException)
        {
            await Console.Error.WriteLineAsync($"The schema cannot be upgraded: {e.Message}");
            return 1;
        }
    }
}
