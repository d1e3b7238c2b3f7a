using System.Collections.Concurrent;

namespace Holi.Gateway.Auth;

/// <summary>
/// Tokens that no longer count although they have not expired, by their <c>jti</c>. In memory: a revocation that must outlive a
/// restart is told again by whoever made it. Thread-safe.
/// </summary>
public sealed class RevokedTokens(int capacity)
{
    private readonly ConcurrentDictionary<string, long> _expiresMs = new();

    /// <summary>Called after a token was revoked, with its id: live connections that opened with it are closed.</summary>
    public event Action<string>? Revoked;

    /// <summary>Remembers a token until it expires by itself. False where the list is full.</summary>
    public bool Revoke(string tokenId, long expiresMs, long nowMs)
    {
        if (_expiresMs.Count >= capacity)
            Forget(nowMs);
        if (_expiresMs.Count >= capacity)
            return false;
        _expiresMs[tokenId] = expiresMs;
        Revoked?.Invoke(tokenId);
        return true;
    }

    /// <summary>True where the token was revoked.</summary>
    public bool Contains(string tokenId) => tokenId.Length > 0 && _expiresMs.ContainsKey(tokenId);

    private void Forget(long nowMs)
    {
        foreach (var (tokenId, expiresMs) in _expiresMs)
        {
            if (expiresMs < nowMs)
                _expiresMs.TryRemove(tokenId, out _);
        }
    }
}
