using System.Diagnostics;
using Holi.EndToEnd.Peers;
using Holi.Servers;

namespace Holi.EndToEnd.Operations;

/// <summary>The command as an operator types it: what it prints, how it ends, and what it never prints.</summary>
public sealed class DoctorTests
{
    private const string Secret = "not-to-be-told-0123456789-0123456789";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_servers_and_a_good_folder_have_no_problem()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled && RedisServer.IsInstalled, "PostgreSQL or Redis is not installed");
        using var folder = new TempFolder();
        await using var postgres = await PostgresServer.StartAsync(Cancel);
        await using var redis = await RedisServer.StartAsync(Cancel, "--appendonly", "yes");
        var (code, said) = await RunAsync(
            ("DataFolder", folder.Path), ("Auth__Key", Secret), ("Auth__Issuer", "me"), ("Limits__ConnectionsMax", "100"),
            ("Postgres__ConnectionString", postgres.ConnectionString), ("Redis__Configuration", redis.Configuration));
        said.ShouldNotContain("PROBLEM");
        // The disk of whoever runs this may be one to warn of.
        code.ShouldBe(said.Contains("warning", StringComparison.Ordinal) ? 1 : 0, said);
        foreach (var subject in new[] { "settings", "data folder", "clock", "files", "memory", "keys", "postgres", "redis" })
            said.ShouldContain($"ok       {subject}");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty("it made something");
    }

    [Fact]
    public async Task Servers_that_refuse_are_problems_and_no_secret_is_printed()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        using var folder = new TempFolder();
        await using var redis = await RedisServer.StartAsync(Cancel, "--requirepass", Secret);
        var (code, said) = await RunAsync(
            ("DataFolder", folder.Path), ("Auth__Key", Secret), ("Auth__Issuer", "me"),
            ("Postgres__ConnectionString", $"Host=127.0.0.1;Port={ServerProcess.FreePort()};Database=holi;Username=holi;Password={Secret}"),
            ("Redis__Configuration", $"{redis.Configuration},password={Secret}-wrong"));
        code.ShouldBe(2, said);
        said.ShouldContain("PROBLEM  postgres      Postgres, database holi on 127.0.0.1:");
        said.ShouldContain("user or password refused");
        said.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Wrong_settings_are_problems_and_what_is_right_is_looked_at_all_the_same()
    {
        using var folder = new TempFolder();
        var (code, said) = await RunAsync(
            ("DataFolder", folder.Path), ("Urls", "nonsense"), ("Limits__HeartbeatSeconds", "0"), ("Postgres__ConnectionString", $"Hots=db;Password={Secret}"));
        code.ShouldBe(2, said);
        said.ShouldContain("PROBLEM  settings      Urls 'nonsense' is not an address");
        said.ShouldContain("Limits:HeartbeatSeconds");
        said.ShouldContain("Postgres:ConnectionString cannot be read");
        said.ShouldContain("ok       data folder");
        said.ShouldContain("  do ");
        said.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_problem()
    {
        using var disk = SmallDisks.Mount(megabytes: 4);
        disk.MakeReadOnly();
        var (code, said) = await RunAsync(("DataFolder", disk.In("data")));
        code.ShouldBe(2, said);
        said.ShouldContain($"PROBLEM  data folder   {disk.Path} cannot be written (Read-only file system)");
    }

    private static async Task<(int Code, string Said)> RunAsync(params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Checkout.Gateway, "doctor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
            start.Environment["HOLI_" + name] = value;
        using var doctor = Process.Start(start)!;
        var said = doctor.StandardOutput.ReadToEndAsync(Cancel);
        var failed = await doctor.StandardError.ReadToEndAsync(Cancel);
        await doctor.WaitForExitAsync(Cancel);
        failed.ShouldBeEmpty();
        return (doctor.ExitCode, await said);
    }
}
