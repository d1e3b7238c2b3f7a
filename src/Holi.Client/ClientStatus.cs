using Holi.Wire;

namespace Holi.Client;

/// <summary>How the client is doing, at one moment.</summary>
/// <param name="State">Where it is with its connection.</param>
/// <param name="QueuedCommands">Commands on this device that the gateway has not confirmed.</param>
/// <param name="QueuedBytes">Their payload bytes.</param>
/// <param name="LastError">What went wrong last, until the next connection is ready; null: nothing.</param>
/// <param name="NextRetryAt">While <see cref="ConnectionState.Waiting"/>: when the next attempt is made.</param>
/// <param name="Since">When <paramref name="State"/> began.</param>
public sealed record ClientStatus(
    ConnectionState State, long QueuedCommands, long QueuedBytes, ClientError? LastError, DateTimeOffset? NextRetryAt, DateTimeOffset Since);

/// <summary>What went wrong with a connection.</summary>
/// <param name="Code">The code of the protocol; 0: the connection just could not be made or broke.</param>
/// <param name="Words">For a person, in English.</param>
public sealed record ClientError(HoliCode Code, string Words);
