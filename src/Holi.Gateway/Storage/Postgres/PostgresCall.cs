namespace Holi.Gateway.Storage.Postgres;

/// <summary>Runs a call to Postgres that ends in bounded time, whatever the server and the network do, and fails in our words.</summary>
internal sealed class PostgresCall(TimeProvider time)
{
    /// <param name="limit">Then it is over.</param>
    /// <param name="doing">For failures: "reading events".</param>
    /// <param name="call">What talks to Postgres.</param>
    /// <param name="cancel">The caller's own wish to end it.</param>
    /// <exception cref="StoreUnavailableException">Postgres could not, or not in time.</exception>
    public async ValueTask<T> RunAsync<T>(TimeSpan limit, string doing, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            return await call(either.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresFailure.Is(failure) && !cancel.IsCancellationRequested)
        {
            throw PostgresFailure.Of(failure, doing);
        }
        catch (Exception failure) when (PostgresFailure.Is(failure) && failure is not OperationCanceledException)
        {
            throw new OperationCanceledException("Not waited for any longer.", failure, cancel);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public async ValueTask RunAsync(TimeSpan limit, string doing, Func<CancellationToken, ValueTask> call, CancellationToken cancel) =>
        await RunAsync(
            limit,
            doing,
            async token =>
            {
                await call(token).ConfigureAwait(false);
                return true;
            },
            cancel).ConfigureAwait(false);
}
