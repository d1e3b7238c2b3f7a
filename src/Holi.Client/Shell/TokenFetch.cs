using System.Text;
using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>Asks the app for a token, for a bounded time, and posts what came of it.</summary>
internal sealed class TokenFetch(HoliClientOptions options, EngineLoop loop, CancellationToken end)
{
    public void Begin() => _ = Task.Run(RunAsync, CancellationToken.None);

    private async Task RunAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(options.TokenTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, end);
            var token = await options.Token(either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            if (token is null || Encoding.UTF8.GetByteCount(token) is 0 or > WireLimits.TokenBytesMax)
                throw new InvalidOperationException("The token callback gave no token, or one over 8,192 bytes.");
            await loop.PostAsync((engine, time) => engine.OnToken(token, time)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            if (end.IsCancellationRequested)
                return;
            loop.Report(HoliCode.None, "The app's token callback failed.", failed);
            await loop.PostAsync((engine, time) => engine.OnTokenFailed(time)).ConfigureAwait(false);
        }
    }
}
