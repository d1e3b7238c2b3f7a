namespace Holi.Load.Roads;

/// <summary>A message of a backend to a conversation (protocol/backends.md §2).</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Key">Its idempotency key.</param>
/// <param name="Topic">The conversation's topic.</param>
/// <param name="Text">What it says.</param>
/// <param name="DeliverAtMs">Not before then, ms since 1970; null: at once.</param>
internal sealed record Publication(string Tenant, string Key, string Topic, string Text, long? DeliverAtMs = null);

/// <summary>A road by which backends publish.</summary>
internal interface IRoad : IAsyncDisposable
{
    /// <summary>True where it was taken, now or before; false where that is not known, and the same is to be sent again.</summary>
    Task<bool> TrySendAsync(Publication publication, CancellationToken cancel);
}
