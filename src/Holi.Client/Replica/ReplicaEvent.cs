namespace Holi.Client;

/// <summary>A stored event.</summary>
public sealed record ReplicaEvent(string Topic, ulong Offset, long TimeMs, uint Member, ushort Type, byte[] Payload);
