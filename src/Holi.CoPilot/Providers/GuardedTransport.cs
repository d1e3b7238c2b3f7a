using System.Net.Http.Headers;

namespace Holi.CoPilot.Providers;

/// <summary>
/// Stands between a provider's library and the network. It turns what goes wrong there into one kind of exception before the library can put a provider's words into its
/// own; it never reads the body of a refusal; it ends an answer that does not end; and it follows no redirect, for that would send a transcript to somebody else.
/// </summary>
internal sealed class GuardedTransport(long answerBytesMax, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // Connecting takes milliseconds in a building and some hundred across the world.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // Names move to other addresses.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static HttpClient Client(long answerBytesMax, TimeProvider time)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            // No header of ours tells the provider which trace, and so which person's request, this is.
            ActivityHeadersPropagator = null,
        };
        // How long a call may take is decided by who makes it.
        return new HttpClient(new GuardedTransport(answerBytesMax, time, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ProviderFailedException(ProviderFailure.Unreachable);
        }
        // A connection that takes too long is canceled by the transport's own timeout.
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailure.Unreachable);
        }
        if (response.IsSuccessStatusCode)
        {
            response.Content = new GuardedContent(response.Content, answerBytesMax);
            return response;
        }
        var failure = new ProviderFailedException(FailureRules.OfStatus((int)response.StatusCode), RetryAfter(response.Headers.RetryAfter));
        response.Dispose();
        throw failure;
    }

    // RFC 9110, 10.2.3: seconds or a date.
    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait is { } known && known < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
