using System.Text;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Tests.Providers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Holi.CoPilot.Tests.Notes;

/// <summary>Who gets an earlier note, and who never does.</summary>
public sealed class CachingTests(ModelServerFixture servers) : ModelServerTests(servers)
{
    [Fact]
    public async Task The_very_same_request_gets_the_earlier_note_labelled_as_such()
    {
        await using var writer = Writer(Both);
        var first = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        var second = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        (second.Provenance.Source, second.Provenance.IsCached, second.Provenance.Provider, second.Provenance.Model).ShouldBe(
            (NoteSource.Cache, true, "cloud", first.Provenance.Model));
        second.Provenance.WrittenAt.ShouldBe(first.Provenance.WrittenAt);
        second.Provenance.Age.ShouldBeGreaterThan(TimeSpan.Zero);
        second.Provenance.Attempts.ShouldHaveSingleItem().Outcome.ShouldBe("cached");
        second.Sections[0].Statements.Select(statement => statement.Text).ShouldBe(first.Sections[0].Statements.Select(statement => statement.Text));
        (await Cloud.RequestsAsync()).Count.ShouldBe(1);
    }

    /// <summary>Lesson 10.</summary>
    [Fact]
    public async Task Two_consultations_that_open_alike_never_share_a_note()
    {
        await using var writer = Writer(Both);
        var opening = string.Concat(Enumerable.Repeat("Good morning, how are you? ", 200));
        var one = await writer.WriteAsync(Samples.Request(opening, "My knee hurts."), Samples.Minute, Cancel);
        var other = await writer.WriteAsync(Samples.Request(opening, "My ear hurts."), Samples.Minute, Cancel);
        one.Provenance.Attempts.ShouldHaveSingleItem().Outcome.ShouldBe("written");
        one.ChiefComplaint!.Text.ShouldBe("My knee hurts.");
        other.ChiefComplaint!.Text.ShouldBe("My ear hurts.");
        other.Provenance.IsCached.ShouldBeFalse();
    }

    [Fact]
    public async Task Two_tenants_never_share_a_note()
    {
        await using var writer = Writer(Both);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        (await writer.WriteAsync(Samples.Request() with { Tenant = "other" }, Samples.Minute, Cancel)).Provenance.IsCached.ShouldBeFalse();
    }

    /// <summary>Lesson 11.</summary>
    [Fact]
    public async Task A_template_is_never_handed_out_as_a_note()
    {
        await Cloud.AlwaysAsync("status 400");
        await Local.AlwaysAsync("status 400");
        await using var writer = Writer(Both);
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Template);
        await Local.AlwaysAsync("ok");
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Local);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_both_providers_dead_the_earlier_note_is_there(bool fresh)
    {
        await using var writer = Writer(Both);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        await Cloud.AlwaysAsync("status 400");
        await Local.AlwaysAsync("status 400");
        var note = await writer.WriteAsync(Samples.Request() with { Fresh = fresh }, Samples.Minute, Cancel);
        (note.Provenance.Source, note.Provenance.Provider).ShouldBe((NoteSource.Cache, "cloud"));
        note.Provenance.Attempts.Select(attempt => attempt.Outcome).ShouldBe(fresh ? ["rejected", "rejected"] : ["cached"]);
    }

    [Fact]
    public async Task Whoever_wants_a_fresh_note_gets_one()
    {
        await using var writer = Writer(Both);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        (await writer.WriteAsync(Samples.Request() with { Fresh = true }, Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Cloud);
        (await Cloud.RequestsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task After_a_week_it_is_written_again()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var writer = new NoteWriter(Both, time, new Random(1));
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        var old = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        old.Provenance.IsCached.ShouldBeTrue();
        old.Provenance.Age.ShouldBe(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromMinutes(2));
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.IsCached.ShouldBeFalse();
    }

    [Fact]
    public async Task Processes_that_share_a_cache_and_its_key_share_notes_and_nobody_else_can_read_them()
    {
        var shared = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        var spied = new Spy(shared);
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        await using var one = new NoteWriter(Both with { CacheKey = key }, TimeProvider.System, new Random(1), spied);
        await using var two = new NoteWriter(Both with { CacheKey = key }, TimeProvider.System, new Random(2), spied);
        await using var stranger = new NoteWriter(Both with { CacheKey = [.. key.Reverse()] }, TimeProvider.System, new Random(3), spied);
        await one.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        await FallbackTests.UntilAsync(() => Task.FromResult(spied.Values.Count > 0));
        (await two.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Cache);
        (await stranger.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Cloud);
        spied.Values.ShouldAllBe(value => !Encoding.UTF8.GetString(value).Contains("throat"));
        spied.Keys.ShouldAllBe(name => !name.Contains("throat"));
    }

    [Fact]
    public async Task Without_a_key_of_the_operators_nothing_is_put_where_others_could_read_it()
    {
        var spied = new Spy(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
        await using var writer = new NoteWriter(Both, TimeProvider.System, new Random(1), spied);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.IsCached.ShouldBeTrue();
        spied.Values.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_shared_cache_that_fails_takes_no_note_from_anybody()
    {
        await using var writer = new NoteWriter(Both with { CacheKey = new byte[32] }, TimeProvider.System, new Random(1), new Broken());
        (await writer.WriteAsync(Samples.Request(), new NoteBudget(TimeSpan.FromSeconds(10)), Cancel)).Provenance.Source.ShouldBe(NoteSource.Cloud);
    }

    private sealed class Spy(IDistributedCache inner) : IDistributedCache
    {
        public List<byte[]> Values { get; } = [];

        public List<string> Keys { get; } = [];

        public byte[]? Get(string key) => inner.Get(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(key, token);

        public void Refresh(string key) => inner.Refresh(key);

        public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

        public void Remove(string key) => inner.Remove(key);

        public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(key, token);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            var set = inner.SetAsync(key, value, options, token);
            Keys.Add(key);
            Values.Add(value);
            return set;
        }
    }

    private sealed class Broken : IDistributedCache
    {
        public byte[]? Get(string key) => throw new IOException();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromException<byte[]?>(new IOException());

        public void Refresh(string key) => throw new IOException();

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.FromException(new IOException());

        public void Remove(string key) => throw new IOException();

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.FromException(new IOException());

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new IOException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.FromException(new IOException());
    }
}
