using System.Diagnostics;
using System.Text;
using Holi.Synthetic.Records;
using Holi.Synthetic.Storage;

namespace Holi.Synthetic.Tests.Storage;

/// <summary>The program as a person runs it, in a process of its own.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("holi-synthetic-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Db => Path.Combine(_folder.FullName, "rows.db");

    [Fact]
    public async Task After_a_kill_a_second_run_goes_on_and_gives_what_one_run_would_have_given()
    {
        using (var killed = Start("generate", "--count", "3000", "--seed", "9", "--db", Db))
        {
            // Rows are there and more are to come: whatever the machine, this is in the middle.
            while (!killed.HasExited && await CountAsync() is 0 or > 2500)
                await Task.Yield();
            killed.Kill();
            await killed.WaitForExitAsync(Cancel);
        }
        var left = await CountAsync();
        left.ShouldBeInRange(1, 3000);

        var (code, output, _) = await RunAsync("generate", "--count", "3000", "--seed", "9", "--db", Db);
        code.ShouldBe(0);
        output.ShouldContain($"{3000 - left} records made, {left} were there");
        var recipe = Recipe.Of(9, "mix");
        var number = 0;
        await using var store = new SqliteRecordStore(Db);
        await store.PrepareAsync(Cancel);
        await foreach (var row in store.ReadAsync(Cancel))
        {
            if (number % 50 == 0)
                row.ShouldBe(RecordRows.Of(recipe, number, RecordMaker.Make(recipe, number), null));
            number++;
        }
        number.ShouldBe(3000);
    }

    [Fact]
    public async Task Where_there_is_no_terminal_the_program_is_quiet_but_for_its_result()
    {
        var (code, output, errors) = await RunAsync("generate", "--count", "5", "--db", Db);
        code.ShouldBe(0);
        output.Trim().Split('\n').ShouldHaveSingleItem();
        output.ShouldNotContain('\u001b');
        errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("generate", "--count", "0")]
    [InlineData("generate", "--lang", "fr")]
    [InlineData("generate", "--notes", "maybe")]
    [InlineData("export", "--format", "xml", "--out", "x")]
    public async Task What_makes_no_sense_is_refused_with_a_sentence(params string[] arguments)
    {
        var (code, _, errors) = await RunAsync([.. arguments, "--db", Db]);
        code.ShouldNotBe(0);
        errors.ShouldNotBeEmpty();
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_a_stack_trace()
    {
        var (code, _, errors) = await RunAsync("generate", "--count", "5", "--postgres", $"Host=127.0.0.1;Port={Holi.Servers.ServerProcess.FreePort()};Database=x;Username=x;Password=secret-word");
        code.ShouldBe(1);
        errors.ShouldContain("127.0.0.1");
        errors.ShouldNotContain("secret-word");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_with_a_sentence()
    {
        await File.WriteAllTextAsync(Db, new string('x', 5000), Cancel);
        var (code, _, errors) = await RunAsync("generate", "--count", "5", "--db", Db);
        code.ShouldBe(1);
        errors.ShouldContain("database");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_export_of_nothing_says_so()
    {
        var (code, _, errors) = await RunAsync("export", "--format", "csv", "--out", _folder.FullName, "--db", Db);
        code.ShouldBe(1);
        errors.ShouldContain("generate");
    }

    [Fact]
    public async Task Stored_records_can_be_checked_exported_and_reported()
    {
        await RunAsync("generate", "--count", "30", "--db", Db);
        (await RunAsync("check", "--db", Db)).Output.ShouldContain("30 records, 0 violations");
        foreach (var format in (string[])["jsonl", "csv", "fhir"])
            (await RunAsync("export", "--format", format, "--out", Path.Combine(_folder.FullName, format), "--db", Db)).Code.ShouldBe(0);
        Directory.GetFiles(Path.Combine(_folder.FullName, "fhir")).Length.ShouldBe(30);
        var page = Path.Combine(_folder.FullName, "report.html");
        (await RunAsync("report", "--out", page, "--db", Db)).Code.ShouldBe(0);
        new FileInfo(page).Length.ShouldBeGreaterThan(10_000);
    }

    [Fact]
    public async Task A_count_of_made_records_can_be_checked()
    {
        var (code, output, _) = await RunAsync("check", "--count", "200", "--seed", "3", "--lang", "pt");
        code.ShouldBe(0, output);
        output.ShouldContain("200 records, 0 violations");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<int> CountAsync()
    {
        if (!File.Exists(Db))
            return 0;
        try
        {
            await using var store = new SqliteRecordStore(Db);
            await store.PrepareAsync(Cancel);
            return (await store.IdsAsync("syn-9-", Cancel)).Count;
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            return 0;
        }
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, StandardOutputEncoding = Encoding.UTF8 };
        start.ArgumentList.Add(typeof(RecordMaker).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output, await errors);
    }
}
