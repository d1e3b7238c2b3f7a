using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Backends;

/// <summary>What samples/publish shows to backends' developers is so: each program, run twice, against a gateway, Postgres and Redis.</summary>
public sealed class SampleTests(SampleTests.Fixture fixture) : IClassFixture<SampleTests.Fixture>
{
    public static TheoryData<string> Programs => SamplePrograms.All;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task O_a_sample_that_is_run_twice_reaches_the_person_once_with_each_thing_and_takes_back_what_it_takes_back(string program)
    {
        var person = $"{Path.GetFileNameWithoutExtension(program)}-{Path.GetExtension(program)[1..]}";
        var gateway = fixture.Site.Nodes[0];
        await using var device = await AppDevice.StartAsync(gateway, person);
        var conversation = await device.CreateAsync();
        var now = TimeProvider.System.GetUtcNow();
        var soon = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 4);
        var programs = new SamplePrograms(fixture.Site.Site);
        await programs.RunAsync(program, person, conversation, soon);
        await programs.RunAsync(program, person, conversation, soon);
        await device.HasTitlesAsync($"alert/{person}", "Potassium 6.9 mmol/l");
        await device.HasTextsAsync(conversation, "A lab result has come: lab/81723");
        await device.HasTitlesAsync($"user/{person}", "Time for your tablets");
        await fixture.Site.IsEmptyAsync();
        // What comes after all that shows that nothing of it comes a second time.
        await fixture.Site.AddAsync($"{person}:last", person);
        await device.HasTitlesAsync($"user/{person}", "Time for your tablets", $"{person}:last");
        device.Titles($"alert/{person}").Count.ShouldBe(1);
        device.Texts(conversation).Count.ShouldBe(1);
        (await fixture.Site.DeadEntriesAsync()).Where(dead => dead.Contains(person, StringComparison.Ordinal) && !dead.StartsWith("4612 ", StringComparison.Ordinal))
            .ShouldBeEmpty("but for what was taken back and comes again, nothing is refused");
        (await fixture.Site.AskAsync<long>($"select count(*) from holi_outbox_dead where key like '{person}%' and code <> 4612")).ShouldBe(0);
    }

    [Fact]
    public async Task O_one_key_is_one_thing_whichever_program_sends_it()
    {
        await using var device = await AppDevice.StartAsync(fixture.Site.Nodes[0], "everybody");
        var conversation = await device.CreateAsync();
        var soon = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 3_600);
        foreach (var row in SamplePrograms.All)
            await new SamplePrograms(fixture.Site.Site).RunAsync(row.Data, "everybody", conversation, soon);
        await fixture.Site.IsEmptyAsync();
        await fixture.Site.AddAsync("everybody:last", "everybody");
        await device.HasTitlesAsync("user/everybody", "everybody:last");
        device.Titles("alert/everybody").Count.ShouldBe(1);
        device.Texts(conversation).Count.ShouldBe(1);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal BackendSite Site { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Site = await BackendSite.StartAsync(gateways: 1);

        public ValueTask DisposeAsync() => Site?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
