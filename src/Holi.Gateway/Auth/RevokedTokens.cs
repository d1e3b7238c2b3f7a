using System.Collections.Concurrent;

namespace Holi.Gateway.Auth;

/// <summary>A token that no longer counts.</summary>
/// <param name="TokenId">Its <c>jti</c>.</param>
/// <param name="ExpiresMs">When it would have ended by itself, ms since 1970.</param>
public readonly record struct RevokedToken(string TokenId, long ExpiresMs);

/// <summary>
/// Tokens that no longer count although they have not expired, by their <c>jti</c>. In memory: on Postgres the log remembers them for all gateways and over
/// their restarts; on SQLite a revocation that must outlive a restart is told again by whoever made it. Thread-safe.
/// </summary>
public sealed class RevokedTokens(int capacity)
{
    /// <summary>Characters of a <c>jti</c> that can be revoked.</summary>
    public const int TokenIdCharsMax = 256;

    private readonly ConcurrentDictionary<string, long> _expiresMs = new();

    /// <summary>Called after a token was revoked, with its id: live connections that opened with it are closed.</summary>
    public event Action<string>? Revoked;

    /// <summary>Called after a token was revoked at this gateway: others must hear of it.</summary>
    public event Action<RevokedToken>? Told;

    /// <summary>What is remembered, for a gateway that was not there to hear of it.</summary>
    public IEnumerable<RevokedToken> All => _expiresMs.Select(token => new RevokedToken(token.Key, token.Value));

    /// <summary>Remembers a token until it expires by itself. False where the list is full.</summary>
    public bool Revoke(string tokenId, long expiresMs, long nowMs)
    {
        if (!TryAdd(tokenId, expiresMs, nowMs))
            return false;
        Told?.Invoke(new RevokedToken(tokenId, expiresMs));
        return true;
    }

    /// <summary>As <see cref="Revoke"/>, told by another gateway.</summary>
    public void TakeOver(RevokedToken token, long nowMs)
    {
        if (!Contains(token.TokenId) && token.ExpiresMs >= nowMs)
            TryAdd(token.TokenId, token.ExpiresMs, nowMs);
    }

    /// <summary>True where the token was revoked.</summary>
    public bool Contains(string tokenId) => tokenId.Length > 0 && _expiresMs.ContainsKey(tokenId);

    private bool TryAdd(string tokenId, long expiresMs, long nowMs)
    {
        if (_expiresMs.Count >= capacity)
            Forget(nowMs);
        if (_expiresMs.Count >= capacity)
            return false;
        _expiresMs[tokenId] = expiresMs;
        Revoked?.Invoke(tokenId);
        return true;
    }

    private void Forget(long nowMs)
    {
        foreach (var (tokenId, expiresMs) in _expiresMs)
        {
            if (expiresMs < nowMs)
                _expiresMs.TryRemove(tokenId, out _);
        }
    }
}
