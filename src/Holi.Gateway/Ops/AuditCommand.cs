using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;

namespace Holi.Gateway.Ops;

/// <summary>Verifies the audit trail. Exit codes: 0 whole, 1 broken or unreadable.</summary>
internal static class AuditCommand
{
    public static int Verify(IConfiguration settings)
    {
        var options = OptionsReader.Read(settings, out var errors);
        if (errors.Count > 0)
            return OptionErrors.Print(errors);
        if (!File.Exists(options.DatabasePath))
        {
            Console.Error.WriteLine($"There is no log in {options.DataFolder}: name its folder with --data-folder.");
            return 1;
        }
        try
        {
            return Report(AuditVerification.Verify(new SqliteOptions { Path = options.DatabasePath }));
        }
        catch (StoreUnavailableException e)
        {
            Console.Error.WriteLine($"The audit trail cannot be read: {e.Message}");
            return 1;
        }
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
}
