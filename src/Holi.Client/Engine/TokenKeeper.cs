using Holi.Wire.Connections;

namespace Holi.Client.Engine;

/// <summary>
/// The token: asked of the app when there is none, when one is soon to expire, and when one was refused (holi.v1.md §11.2, 42xx).
/// Lifetimes are the gateway's own (expires − its time), so a device whose clock is wrong renews at the right moment.
/// </summary>
internal sealed class TokenKeeper(IEngineHost host, Backoff backoff)
{
    private static readonly TimeSpan RenewAheadMost = TimeSpan.FromMinutes(1);

    private string? _token;
    private TimeSpan _renewAt = TimeSpan.MaxValue;
    private TimeSpan _expiresAt = TimeSpan.MaxValue;
    private bool _isFetching;

    /// <summary>The token; null where one must be fetched first.</summary>
    public string? Token(TimeSpan now) => now < _expiresAt ? _token : null;

    /// <summary>When to call <see cref="Poll"/> again, at the latest.</summary>
    public TimeSpan NextDeadline => _isFetching ? TimeSpan.MaxValue : _renewAt;

    /// <summary>Asks the app, once.</summary>
    public void Fetch()
    {
        if (_isFetching)
            return;
        _isFetching = true;
        host.FetchToken();
    }

    /// <summary>The app gave one.</summary>
    public void OnToken(string token)
    {
        (_isFetching, _token) = (false, token);
        (_renewAt, _expiresAt) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        backoff.Reset();
    }

    /// <summary>The app could not. While connected it is asked again until the token expires.</summary>
    public void OnFailed(bool isConnected, TimeSpan now)
    {
        _isFetching = false;
        backoff.Failed();
        _renewAt = isConnected ? now + TimeSpan.FromSeconds(1) + backoff.NextDelay() : TimeSpan.MaxValue;
    }

    /// <summary>The gateway accepted it, for so long.</summary>
    public void OnAccepted(TimeSpan lifetime, TimeSpan now)
    {
        // A fifth of the lifetime ahead, a minute at most: enough for several tries.
        var ahead = lifetime / 5 < RenewAheadMost ? lifetime / 5 : RenewAheadMost;
        var ends = lifetime > TimeSpan.Zero && lifetime < TimeSpan.FromDays(365);
        (_renewAt, _expiresAt) = ends ? (now + lifetime - ahead, now + lifetime) : (TimeSpan.MaxValue, TimeSpan.MaxValue);
    }

    /// <summary>The connection is over: there is nothing to renew until the next.</summary>
    public void Disconnect() => _renewAt = TimeSpan.MaxValue;

    /// <summary>The gateway refused it.</summary>
    public void Refused() => (_token, _renewAt) = (null, TimeSpan.MaxValue);

    /// <summary>It is time to renew.</summary>
    public void Poll(TimeSpan now)
    {
        if (now < NextDeadline)
            return;
        _renewAt = TimeSpan.MaxValue;
        Fetch();
    }
}
