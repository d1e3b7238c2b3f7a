using System.CommandLine;
using Holi.Synthetic.Storage;

namespace Holi.Synthetic.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommandOptions
{
    public static Option<int> Count(string description)
    {
        var count = new Option<int>("--count") { Description = description, DefaultValueFactory = _ => 1000 };
        count.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 1 or > SyntheticLimits.RecordsMax)
                result.AddError($"--count must be 1 to {SyntheticLimits.RecordsMax}.");
        });
        return count;
    }

    public static Option<long> Seed() => new("--seed") { Description = "The same seed gives the same bytes.", DefaultValueFactory = _ => 42 };

    public static Option<string> Language()
    {
        var language = new Option<string>("--lang") { Description = "en, es, pt, or mix: each of them in equal parts.", DefaultValueFactory = _ => "mix" };
        language.AcceptOnlyFromAmong("en", "es", "pt", "mix");
        return language;
    }
}

/// <summary>Where the rows are.</summary>
internal sealed class StoreOptions
{
    private readonly Option<string?> _file = new("--db") { Description = "SQLite file. Without it and --postgres: synthetic.db in this folder." };

    private readonly Option<string?> _dsn = new("--postgres") { Description = "Connection string of a Postgres database." };

    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_dsn);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_file) is not null && result.GetValue(_dsn) is not null)
                result.AddError("--db or --postgres, not both.");
        });
    }

    public bool IsNamed(ParseResult parsed) => parsed.GetValue(_file) is not null || parsed.GetValue(_dsn) is not null;

    public IRecordStore Open(ParseResult parsed) =>
        parsed.GetValue(_dsn) is { } dsn ? new PostgresRecordStore(dsn) : new SqliteRecordStore(parsed.GetValue(_file) ?? "synthetic.db");
}
