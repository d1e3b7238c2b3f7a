using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>A device's identity and how far its commands got.</summary>
/// <param name="Device">Random, kept for the life of the store.</param>
/// <param name="Generation">0 until a gateway has given one, and again after damage that calls for a new one.</param>
/// <param name="LastAssigned">Highest seq given to a queued command.</param>
/// <param name="Known">Highest seq known to be committed.</param>
/// <param name="Digest">The rolling digest at <paramref name="Known"/> (§6.3).</param>
/// <param name="SendFloor">Commands up to here may have been sent: they are never rewritten (§7.7).</param>
/// <param name="Openings">Sockets through this number may have been said to a gateway: a later life counts on beyond it (§6.5).</param>
public sealed record DeviceIdentity(string Device, uint Generation, ulong LastAssigned, ulong Known, CommandDigest Digest, ulong SendFloor, ulong Openings);
