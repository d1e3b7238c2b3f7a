using Holi.Gateway.Ops;
using Holi.Gateway.Ops.Doctor;
using Holi.Gateway.Tests.Storage;
using Microsoft.Extensions.Configuration;

namespace Holi.Gateway.Tests.Ops.Doctor;

/// <summary>What a doctor says to a machine, a folder, a key; each finding says what, why and what to do.</summary>
public sealed class ChecksTests
{
    private static readonly GatewayLimits Limits = new() { ConnectionsMax = 1_000, HttpConnections = 100 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3, FindingLevel.Warning)]
    [InlineData(200, FindingLevel.Fine)]
    [InlineData(9_000, FindingLevel.Fine)]
    [InlineData(60_000, FindingLevel.Warning)]
    public void A_sync_that_is_too_quick_to_be_true_or_too_slow_is_a_warning(int microseconds, FindingLevel level) =>
        DataFolderCheck.OfSync("/data", TimeSpan.FromMicroseconds(microseconds)).Level.ShouldBe(level);

    [Fact]
    public void A_folder_that_is_not_there_yet_is_tried_where_it_will_be_and_not_made()
    {
        using var folder = new TempFolder();
        var findings = DataFolderCheck.Look(folder.File("new/holi"), TimeProvider.System).ToList();
        findings[0].What.ShouldContain("is not there yet");
        findings[1].What.ShouldContain("can be written");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty("something was left there");
    }

    [Theory]
    [InlineData(500L, FindingLevel.Warning)]
    [InlineData(1_612L, FindingLevel.Fine)]
    [InlineData(null, FindingLevel.Fine)]
    public void Fewer_files_than_connections_are_a_warning(long? limit, FindingLevel level) =>
        MachineCheck.OfHandles(limit, Limits).Level.ShouldBe(level);

    [Theory]
    [InlineData(100L << 20, FindingLevel.Warning)]
    [InlineData(1L << 30, FindingLevel.Fine)]
    public void Less_memory_than_the_connections_need_is_a_warning(long available, FindingLevel level) =>
        MachineCheck.OfMemory(available, Limits).Level.ShouldBe(level);

    [Fact]
    public void A_clock_of_another_century_is_a_problem()
    {
        MachineCheck.OfClock(DateTimeOffset.UnixEpoch).Level.ShouldBe(FindingLevel.Problem);
        MachineCheck.OfClock(TimeProvider.System.GetUtcNow()).Level.ShouldBe(FindingLevel.Fine);
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_a_warning_and_is_not_told()
    {
        using var folder = new TempFolder();
        var key = folder.File("key");
        await File.WriteAllTextAsync(key, new string('k', 40), Cancel);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var finding = (await KeysAsync(("Auth:KeyFile", key))).ShouldHaveSingleItem();
        finding.Level.ShouldBe(FindingLevel.Warning);
        finding.ToString().ShouldNotContain("kkkk");
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        (await KeysAsync(("Auth:KeyFile", key))).Single().Level.ShouldBe(FindingLevel.Fine);
    }

    [Fact]
    public async Task A_development_key_is_a_warning_and_is_not_made()
    {
        using var folder = new TempFolder();
        (await KeysAsync(("DataFolder", folder.Path))).Single().Level.ShouldBe(FindingLevel.Warning);
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_authority_that_does_not_answer_is_a_problem() =>
        (await KeysAsync(("Auth:Jwks", "http://127.0.0.1:9/keys"), ("Auth:Issuer", "me"))).Single().Level.ShouldBe(FindingLevel.Problem);

    [Theory]
    [InlineData("http://127.0.0.1:4317", FindingLevel.Problem)]
    [InlineData("http://127.0.0.1:9", FindingLevel.Warning)]
    public async Task A_collector_that_nothing_would_reach_is_told(string address, FindingLevel level) =>
        (await CollectorCheck.LookAsync(new Uri(address), Cancel)).Level.ShouldBe(level);

    [Fact]
    public void Every_mistake_in_the_settings_is_a_problem_with_what_to_do()
    {
        OptionsReader.Read(Settings(("Urls", "nonsense"), ("Auth:Key", "secret")), out var errors);
        var findings = SettingsCheck.Look(errors).ToList();
        findings.Count.ShouldBe(errors.Count);
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Problem && finding.Do!.Length > 10);
        findings.ShouldNotContain(finding => finding.ToString().Contains("secret"));
        SettingsCheck.Look([]).Single().Level.ShouldBe(FindingLevel.Fine);
    }

    [Fact]
    public async Task What_a_doctor_cannot_look_at_is_a_finding_too()
    {
        var output = new StringWriter();
        var report = new DoctorReport(output);
        await report.AddAsync("redis", FailingAsync());
        report.End().ShouldBe(2);
        output.ToString().ShouldContain("InvalidOperationException");
        output.ToString().ShouldNotContain("secret");

        static async IAsyncEnumerable<Finding> FailingAsync()
        {
            yield return Finding.Fine("redis", "answers");
            await Task.Yield();
            throw new InvalidOperationException("secret");
        }
    }

    private static async Task<List<Finding>> KeysAsync(params (string Name, string Value)[] settings)
    {
        var configuration = Settings(settings);
        var options = OptionsReader.Read(configuration, out var errors);
        errors.Where(error => !error.Contains("Auth:Issuer")).ShouldBeEmpty();
        return await KeysCheck.LookAsync(options, configuration["Auth:KeyFile"], Cancel).ToListAsync(Cancel);
    }

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
}
