namespace Holi.Load.Roads;

/// <summary>A message of a backend to a conversation (protocol/backends.md §2).</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Key">Its idempotency key.</param>
/// <param name="Topic">The conversation's topic.</param>
/// <param name="Text">What it says.</param>
internal sealed record Publication(string Tenant, string Key, string Topic, string Text);
