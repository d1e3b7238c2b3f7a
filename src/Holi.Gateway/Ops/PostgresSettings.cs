using System.Globalization;
using Holi.Gateway.Storage.Postgres;
using Npgsql;

namespace Holi.Gateway.Ops;

/// <summary>Reads <c>Postgres:…</c>. A connection string may hold a password, so nothing of it is ever repeated.</summary>
internal static class PostgresSettings
{
    private const string ConnectionString = "ConnectionString", ReadersMax = "ReadersMax";
    private const string Example = "write it like Host=db.example.org;Database=holi;Username=holi;Password=…";
    // Each costs the server a process; more than a server gives to one gateway.
    private const int ReadersLimit = 200;

    /// <summary>Null where no Postgres is named: the log is on SQLite.</summary>
    public static PostgresOptions? Read(IConfiguration section, string dataFolder, bool restored, List<string> errors)
    {
        var text = section[ConnectionString];
        foreach (var child in section.GetChildren())
        {
            if (!child.Key.Equals(ConnectionString, StringComparison.OrdinalIgnoreCase) && !child.Key.Equals(ReadersMax, StringComparison.OrdinalIgnoreCase))
                errors.Add($"Postgres:{child.Key} is no setting: the names are {ConnectionString}, {ReadersMax}.");
            else if (string.IsNullOrEmpty(text))
                errors.Add($"Postgres:{ConnectionString} is missing: {Example}.");
        }
        if (string.IsNullOrEmpty(text))
            return null;
        CheckConnection(text, errors);
        var options = new PostgresOptions { ConnectionString = text, DataFolder = dataFolder, Restored = restored };
        return ReadReaders(section[ReadersMax], errors) is { } readers ? options with { ReadersMax = readers } : options;
    }

    private static void CheckConnection(string text, List<string> errors)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(settings.Host))
                errors.Add($"Postgres:{ConnectionString} names no Host: {Example}.");
            if (string.IsNullOrEmpty(settings.Database))
                errors.Add($"Postgres:{ConnectionString} names no Database: {Example}.");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidOperationException)
        {
            errors.Add($"Postgres:{ConnectionString} cannot be read: {Example}.");
        }
    }

    private static int? ReadReaders(string? text, List<string> errors)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var readers) && readers is > 0 and <= ReadersLimit)
            return readers;
        errors.Add($"Postgres:{ReadersMax} '{text}' is out of range: write a whole number from 1 to {ReadersLimit}.");
        return null;
    }
}
