namespace Holi.Gateway.Ingress.Redis;

/// <summary>An entry of the stream that backends add to.</summary>
/// <param name="Id">Redis's.</param>
/// <param name="Fields">As they came; nothing of them is checked.</param>
internal sealed record Entry(string Id, IReadOnlyList<EntryField> Fields);

/// <summary>One of its fields.</summary>
internal readonly record struct EntryField(byte[] Name, byte[] Value);
