using Holi.Gateway.Auth;
using Holi.Gateway.Storage.Postgres;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>Fault 19 for several gateways: which tokens are revoked lies where all of them find it.</summary>
public sealed class PostgresRevokedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_reads_on_from_the_last_number_misses_no_token_however_many_are_revoked_at_once()
    {
        const int gateways = 4, each = 25;
        await using var database = await PostgresDatabase.CreateAsync();
        await using var reader = await database.OpenAsync();
        var revoking = Task.WhenAll(Enumerable.Range(0, gateways).Select(async gateway =>
        {
            await using var store = await database.OpenAsync(options => options with { DataFolder = Path.Combine(options.DataFolder, $"{gateway}") });
            for (var n = 0; n < each; n++)
                await store.RevokeAsync(new RevokedToken($"{gateway}-{n}", long.MaxValue), Cancel);
        }));
        var (seen, last) = (new List<string>(), 0L);
        for (var isOver = false; !isOver;)
        {
            isOver = revoking.IsCompleted;
            foreach (var (number, token) in await reader.ReadRevokedAsync(last, 7, Cancel))
            {
                number.ShouldBeGreaterThan(last);
                last = number;
                seen.Add(token.TokenId);
            }
        }
        await revoking;
        while (await reader.ReadRevokedAsync(last, 1_000, Cancel) is { Count: > 0 } rest)
        {
            seen.AddRange(rest.Select(revoked => revoked.Token.TokenId));
            last = rest[^1].Number;
        }
        seen.ShouldBe(Enumerable.Range(0, gateways).SelectMany(g => Enumerable.Range(0, each).Select(n => $"{g}-{n}")), ignoreOrder: true);
    }

    [Fact]
    public async Task A_token_revoked_twice_is_there_once_and_as_long_as_the_longer_and_what_has_expired_goes()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using PostgresLogStore store = await database.OpenAsync();
        await store.RevokeAsync(new RevokedToken("over", 1), Cancel);
        await store.RevokeAsync(new RevokedToken("stolen", long.MaxValue), Cancel);
        await store.RevokeAsync(new RevokedToken("stolen", long.MaxValue - 1), Cancel);
        (await store.ReadRevokedAsync(0, 10, Cancel)).Select(revoked => revoked.Token).ShouldBe([new RevokedToken("stolen", long.MaxValue)]);
    }
}
