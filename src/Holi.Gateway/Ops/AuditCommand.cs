using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Storage.Sqlite;

namespace Holi.Gateway.Ops;

/// <summary>Verifies the audit trail. Exit codes: 0 whole, 1 broken or unreadable.</summary>
internal static class AuditCommand
{
    public static async Task<int> VerifyAsync(IConfiguration settings, CancellationToken cancel)
    {
        var options = OptionsReader.Read(settings, out var errors);
        if (errors.Count > 0)
            return OptionErrors.Print(errors);
        try
        {
            if (options.Postgres is { } postgres)
                return Report(await PostgresAudit.VerifyAsync(postgres, TimeProvider.System, cancel));
            if (File.Exists(options.DatabasePath))
                return Report(AuditVerification.Verify(new SqliteOptions { Path = options.DatabasePath }));
            await Console.Error.WriteLineAsync($"There is no log in {options.DataFolder}: name its folder with --data-folder.");
        }
        catch (StoreUnavailableException e)
        {
            await Console.Error.WriteLineAsync($"The audit trail cannot be read: {e.Message}");
        }
        return 1;
    }

    private static int Report(AuditVerdict verdict)
    {
        if (verdict.FirstBadId is { } bad)
        {
            Console.Error.WriteLine($"The audit trail is broken at row {bad}: the {verdict.Rows} rows before it hang together.");
            return 1;
        }
        Console.Out.WriteLine($"The audit trail is whole: {verdict.Rows} rows. Last hash, to be kept elsewhere: {Convert.ToHexString(verdict.LastHash.Span)}");
        return 0;
    }

    // One chain for each life of a gateway: those that have ended do not change any more.
    private static int Report(IReadOnlyList<AuditChainVerdict> chains)
    {
        var broken = chains.Where(chain => !chain.IsWhole).ToList();
        foreach (var chain in broken)
        {
            Console.Error.WriteLine(chain.IsLinked
                ? $"The audit trail of gateway {chain.Writer} is broken at row {chain.Verdict.FirstBadId}: the {chain.Verdict.Rows} rows before it hang together."
                : $"The audit trail of gateway {chain.Writer} does not follow from the one before it: one was removed, or this one was not begun here.");
        }
        if (broken.Count > 0)
            return 1;
        Console.Out.WriteLine(
            $"The audit trail is whole: {chains.Sum(chain => chain.Verdict.Rows)} rows in {chains.Count} chains. Last row and hash of each, to be kept elsewhere:");
        foreach (var chain in chains)
            Console.Out.WriteLine($"{chain.Writer} {chain.Verdict.Rows} {Convert.ToHexString(chain.Verdict.LastHash.Span)}");
        return 0;
    }
}
