using Holi.Gateway.Ops;
using Holi.Gateway.Tests.Storage;
using Microsoft.Extensions.Configuration;

namespace Holi.Gateway.Tests.Ops;

public sealed class PostgresSettingsTests
{
    private const string Good = "Host=db.example.org;Port=6000;Database=holi;Username=me;Password=my-secret";

    [Fact]
    public void Nothing_said_is_the_embedded_log()
    {
        var options = Read(out var errors);
        errors.ShouldBeEmpty();
        options.Postgres.ShouldBeNull();
        options.LogPlace.ShouldBe($"SQLite, {options.DatabasePath}");
    }

    [Fact]
    public void Everything_said_is_taken_and_the_place_tells_no_secret()
    {
        using var folder = new TempFolder();
        var options = Read(
            out var errors, ("DataFolder", folder.Path), ("Restored", "true"), ("Postgres:ConnectionString", Good), ("Postgres:ReadersMax", "3"));
        errors.ShouldBeEmpty();
        var postgres = options.Postgres!;
        (postgres.ConnectionString, postgres.ReadersMax, postgres.Restored, postgres.DataFolder).ShouldBe((Good, 3, true, folder.Path));
        options.LogPlace.ShouldBe("Postgres, database holi on db.example.org:6000");
    }

    [Theory]
    [InlineData("ConnectionString", "postgresql://me:my-secret@db/holi", "cannot be read")]
    [InlineData("ConnectionString", "Host=db;Database=holi;Pasword=my-secret", "cannot be read")]
    [InlineData("ConnectionString", "Host=db;Database=holi;Port=my-secret", "cannot be read")]
    [InlineData("ConnectionString", "Username=me;Password=my-secret;Database=holi", "names no Host")]
    [InlineData("ConnectionString", "Host=db;Password=my-secret", "names no Database")]
    [InlineData("ReadersMax", "0", "from 1 to 200")]
    [InlineData("ReadersMax", "many", "from 1 to 200")]
    [InlineData("ReadersMax", "4", "ConnectionString is missing")]
    [InlineData("Readers", "4", "the names are")]
    public void A_mistake_is_named_with_what_to_do_and_without_the_password(string name, string value, string says)
    {
        var good = says.Contains("missing", StringComparison.Ordinal) ? "" : Good;
        Read(out var errors, ("Postgres:ConnectionString", good), ("Postgres:" + name, value));
        errors.ShouldContain(e => e.StartsWith("Postgres:", StringComparison.Ordinal) && e.Contains(says, StringComparison.Ordinal), string.Join('\n', errors));
        errors.ShouldNotContain(e => e.Contains("my-secret", StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        Read(out var errors, ("Urls", "nonsense"), ("Postgres:ConnectionString", "Password=x"), ("Postgres:ReadersMax", "?"), ("Postgres:Nothing", "1"));
        errors.Count.ShouldBe(5, string.Join('\n', errors));
    }

    private static HoliOptions Read(out IReadOnlyList<string> errors, params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in settings)
            values[name] = value;
        return OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), out errors);
    }
}
