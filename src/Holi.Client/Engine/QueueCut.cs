using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>What of the outbox is in the batch at the store: applied when the batch is written, forgotten when it failed.</summary>
internal sealed class QueueCut
{
    public uint Generation { get; init; }

    public (ulong Known, CommandDigest Digest)? Drop { get; init; }

    public (long Count, long Bytes) Dropped { get; init; }

    public List<QueueRequest> Requests { get; init; } = [];

    public List<OutboxCommand> Commands { get; } = [];

    public ulong LastAssigned { get; set; }

    public ulong SendFloor { get; set; }
}
