using Holi.Servers;
using Holi.Synthetic.Records;
using Holi.Synthetic.Storage;

namespace Holi.Synthetic.Tests.Storage;

/// <summary>What both stores must keep.</summary>
public abstract class StoreTests
{
    private static readonly Recipe Mix = Recipe.Of(42, "mix");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IRecordStore Open();

    [Fact]
    public async Task Rows_come_back_byte_for_byte_by_id()
    {
        await using var store = Open();
        await store.PrepareAsync(Cancel);
        var rows = Rows(0, 12);
        await store.WriteAsync([.. rows.Reverse()], Cancel);
        (await ReadAsync(store)).ShouldBe(rows);
    }

    [Fact]
    public async Task A_row_that_is_there_stays_as_it_is()
    {
        await using var store = Open();
        await store.PrepareAsync(Cancel);
        var rows = Rows(0, 3);
        await store.WriteAsync(rows, Cancel);
        await store.WriteAsync([.. rows.Select(row => row with { Metadata = "{}" }), .. Rows(3, 1)], Cancel);
        (await ReadAsync(store)).ShouldBe(Rows(0, 4));
    }

    [Fact]
    public async Task Only_the_ids_of_a_recipe_are_its_own()
    {
        await using var store = Open();
        await store.PrepareAsync(Cancel);
        await store.WriteAsync(Rows(0, 2), Cancel);
        (await store.IdsAsync("syn-42-mix-", Cancel)).Order().ShouldBe(["syn-42-mix-000000", "syn-42-mix-000001"]);
        (await store.IdsAsync("syn-4-", Cancel)).ShouldBeEmpty();
        (await store.IdsAsync("syn-42-en-", Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Preparing_twice_is_no_error_and_loses_nothing()
    {
        await using (var store = Open())
        {
            await store.PrepareAsync(Cancel);
            await store.WriteAsync(Rows(0, 2), Cancel);
        }
        await using var again = Open();
        await again.PrepareAsync(Cancel);
        (await ReadAsync(again)).Count.ShouldBe(2);
    }

    private static RecordRow[] Rows(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(number => RecordRows.Of(Mix, number, RecordMaker.Make(Mix, number), null))];

    private static async Task<List<RecordRow>> ReadAsync(IRecordStore store)
    {
        var rows = new List<RecordRow>();
        await foreach (var row in store.ReadAsync(Cancel))
            rows.Add(row);
        return rows;
    }
}

public sealed class SqliteStoreTests : StoreTests, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("holi-synthetic-");

    public void Dispose() => _folder.Delete(recursive: true);

    private protected override IRecordStore Open() => new SqliteRecordStore(Path.Combine(_folder.FullName, "rows.db"));
}

public sealed class PostgresStoreTests(OwnPostgres postgres) : StoreTests, IClassFixture<OwnPostgres>
{
    // Every test has a database of its own on the one server.
    private readonly string _database = $"t{Guid.NewGuid():N}";

    private protected override IRecordStore Open()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed");
        return new PostgresRecordStore(postgres.Database(_database));
    }
}
