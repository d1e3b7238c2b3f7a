using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>What the engine tells its host. Nothing is asked back.</summary>
internal abstract record EngineNotice;

/// <summary>The request's command is on disk and has its <see cref="QueueRequest.Number"/>.</summary>
internal sealed record CommandQueued(QueueRequest Request) : EngineNotice;

/// <summary>The request's command is not queued: nothing of it remains.</summary>
internal sealed record CommandNotQueued(QueueRequest Request, Exception Reason) : EngineNotice;

/// <summary>The gateway has everything through this number on disk, but for those that it refused.</summary>
internal sealed record CommandsCommitted(ulong Through, IReadOnlyList<RefusedCommand> Refused) : EngineNotice;

/// <summary>A refused command, by its number (not its seq).</summary>
internal readonly record struct RefusedCommand(ulong Number, HoliCode Code);

/// <summary>
/// A topic is in the replica as <paramref name="Topic"/> says: its epoch, its cursor. <paramref name="Events"/> are those between the
/// cursor before, <paramref name="After"/>, and the one now.
/// </summary>
internal sealed record TopicStored(ReplicaTopic Topic, ulong After, IReadOnlyList<ReplicaEvent> Events) : EngineNotice;

/// <summary>
/// What is known of a topic changed; <paramref name="Topic"/> may be ahead of the store. <paramref name="CompleteAt"/>: when the last
/// Complete came; <paramref name="IsComplete"/>: on this connection, so that <see cref="AllComplete"/> is about it too.
/// </summary>
internal sealed record TopicChanged(ReplicaTopic Topic, TimeSpan? CompleteAt, bool IsComplete) : EngineNotice;

/// <summary>A topic that this device had made is not stored: it is as if it had never been.</summary>
internal sealed record TopicForgotten(string Topic) : EngineNotice;

/// <summary>Every topic that was complete on this connection still is, as of a gateway time.</summary>
internal sealed record AllComplete(TimeSpan At, long AtMs) : EngineNotice;

/// <summary>A connection is ready; its heartbeat says how long a Complete is good for (§8.5).</summary>
internal sealed record Welcomed(TimeSpan Heartbeat) : EngineNotice;

/// <summary>The people of a watched topic, as they are now.</summary>
internal sealed record PeopleChanged(string Topic, IReadOnlyList<Person> People) : EngineNotice;

/// <summary>A history page is in the replica.</summary>
internal sealed record HistoryLoaded(HistoryQuestion Question, int Count, ulong Oldest, bool Last) : EngineNotice;

/// <summary>A history page will not come.</summary>
internal sealed record HistoryFailed(HistoryQuestion Question, HoliCode Code) : EngineNotice;

/// <summary>A new status.</summary>
internal sealed record StatusChanged(EngineStatus Status) : EngineNotice;

/// <summary>Something for the log: a code and fixed words, never content.</summary>
internal sealed record ProblemMet(HoliCode Code, string Words) : EngineNotice;
