using Holi.CoPilot.Notes;
using Holi.CoPilot.Tests.Providers;

namespace Holi.CoPilot.Tests.Notes;

/// <summary>Equal requests at the same time run once, and no caller's leaving or hurry is another's loss.</summary>
public sealed class SharingTests(ModelServerFixture servers) : ModelServerTests(servers)
{
    [Fact]
    public async Task A_hundred_equal_requests_ask_the_model_once()
    {
        await Cloud.AlwaysAsync("slow 300");
        await using var writer = Writer(Both);
        var notes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)));
        notes.ShouldAllBe(note => note.ChiefComplaint!.Text.Contains("sore throat"));
        (await Cloud.RequestsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Requests_that_differ_run_side_by_side()
    {
        await Cloud.AlwaysAsync("slow 100");
        await using var writer = Writer(Both);
        var notes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => writer.WriteAsync(Samples.Request("?", $"Pain number {i}."), Samples.Minute, Cancel)));
        notes.Select(note => note.ChiefComplaint!.Text).Distinct().Count().ShouldBe(20);
    }

    [Fact]
    public async Task Whoever_leaves_does_not_take_the_note_from_the_others_not_even_who_began()
    {
        await Cloud.AlwaysAsync("slow 500");
        await using var writer = Writer(Both);
        using var leaving = new CancellationTokenSource();
        var first = writer.WriteAsync(Samples.Request(), Samples.Minute, leaving.Token);
        await AskedAsync(1);
        var second = writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        (await second).Provenance.Source.ShouldBe(NoteSource.Cloud);
        (await Cloud.RequestsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task When_all_have_left_the_provider_is_no_longer_asked_and_it_is_no_failure_of_its()
    {
        await Cloud.AlwaysAsync("hang");
        await using var writer = Writer(Both);
        for (var i = 0; i < 8; i++)
        {
            using var leaving = new CancellationTokenSource();
            var note = writer.WriteAsync(Samples.Request("?", $"Pain {i} here."), Samples.Minute, leaving.Token);
            await AskedAsync(i + 1);
            await leaving.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(note);
        }
        await FallbackTests.UntilAsync(() => Task.FromResult(writer.Status().Writing == 0));
        var status = writer.Status().Providers[0];
        (status.Circuit, status.Failures).ShouldBe(("closed", 0));
        (await Local.RequestsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_is_in_a_hurry_gets_a_template_and_who_is_not_gets_the_note()
    {
        await Cloud.AlwaysAsync("slow 1500");
        await using var writer = Writer(Samples.Cloud(Cloud.Root));
        var patient = writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        var hurried = await writer.WriteAsync(Samples.Request(), new NoteBudget(TimeSpan.FromMilliseconds(300)), Cancel);
        hurried.Provenance.Source.ShouldBe(NoteSource.Template);
        hurried.Provenance.Attempts.ShouldHaveSingleItem().Outcome.ShouldBe("timeout");
        (await patient).Provenance.Source.ShouldBe(NoteSource.Cloud);
    }

    [Fact]
    public async Task Who_joins_one_in_a_hurry_does_not_share_its_failure()
    {
        await Cloud.AlwaysAsync("slow 1000");
        await using var writer = Writer(Samples.Cloud(Cloud.Root));
        var hurried = writer.WriteAsync(Samples.Request(), new NoteBudget(TimeSpan.FromMilliseconds(400)), Cancel);
        await AskedAsync(1);
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        (await hurried).Provenance.Source.ShouldBe(NoteSource.Template);
        note.Provenance.Source.ShouldBe(NoteSource.Cloud);
    }

    [Fact]
    public async Task Beyond_the_room_for_runs_there_is_a_template_at_once()
    {
        await Cloud.AlwaysAsync("hang");
        await using var writer = Writer(new CoPilotOptions { Providers = [Samples.Cloud(Cloud.Root)], Limits = new CoPilotLimits { Runs = 1 } });
        using var leaving = new CancellationTokenSource();
        var first = writer.WriteAsync(Samples.Request(), Samples.Minute, leaving.Token);
        await AskedAsync(1);
        (await writer.WriteAsync(Samples.Request("?", "Another pain."), Samples.Minute, Cancel)).Provenance.Attempts.ShouldHaveSingleItem().Outcome.ShouldBe("busy");
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
    }

    private Task AskedAsync(int count) => FallbackTests.UntilAsync(async () => (await Cloud.RequestsAsync()).Count >= count);
}
