namespace Holi.Client;

/// <summary>A queued command. First* are 0 unless it was re-queued after a generation change.</summary>
public sealed record OutboxCommand(ulong Seq, uint FirstGeneration, ulong FirstSeq, string Topic, ushort Type, byte[] Payload, long QueuedAtMs);
