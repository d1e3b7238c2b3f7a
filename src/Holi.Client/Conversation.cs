using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>
/// One conversation. Everything that changes it is queued on this device and returns once it is durable here, with or without a network; the
/// gateway decides later whether it is allowed (<see cref="QueuedCommand.Committed"/>). Holds nothing; make as many as you like. Thread-safe.
/// </summary>
/// <remarks>
/// Methods that queue throw <see cref="OutboxFullException"/> where the outbox is full, <see cref="DeviceStoreException"/> where the disk
/// failed (nothing is queued then), <see cref="ArgumentException"/> for content over its limit. Once handed over, a call is not cancelled any more: the
/// token only ends the wait for a turn.
/// </remarks>
public sealed class Conversation
{
    private static readonly TimeSpan TypingEvery = TimeSpan.FromSeconds(3);

    private readonly HoliClient _client;
    private long _typedAt = long.MinValue;

    internal Conversation(HoliClient client, string id) => (_client, Id, Topic) = (client, id, TopicName.Conversation(id));

    /// <summary>The conversation's id.</summary>
    public string Id { get; }

    /// <summary>Its topic's name: <c>conversation/</c> and the id.</summary>
    public string Topic { get; }

    /// <summary>What this device knows of it; null before it has heard of it.</summary>
    public TopicSummary? Summary => _client.Summary(Topic);

    /// <summary>How many events the user has not read.</summary>
    public long Unread => Summary?.Unread ?? 0;

    /// <summary>How far what is stored here can be trusted.</summary>
    public Staleness Staleness => Summary?.Staleness ?? new Staleness(Freshness.Gapped, 0, null);

    /// <summary>
    /// Makes this conversation, where an app derives its id so that several devices come to the same one without asking; elsewhere
    /// <see cref="HoliClient.CreateConversationAsync"/> chooses an id that nobody else can know. Refused with
    /// <see cref="Holi.Wire.HoliCode.Conflict"/> where the user belongs to it already, with <see cref="Holi.Wire.HoliCode.NotFound"/> where it is others'.
    /// </summary>
    public ValueTask<QueuedCommand> CreateAsync(string? title, IEnumerable<NewMember> members, CancellationToken cancellation = default)
    {
        var created = new ConversationCreate(title, [.. members]).ToBytes();
        if (!ConversationCreate.TryRead(new(created), out _))
            throw new ArgumentException("The title is over 256 bytes, there are over 1,000 members, or one of them is no user.", nameof(members));
        return _client.QueueAsync(Topic, MessageTypes.ConversationCreate, created, cancellation);
    }

    /// <summary>Sends a message of at most 65,536 bytes of UTF-8. Without a connection it carries the time at which it was written.</summary>
    public ValueTask<QueuedCommand> SendAsync(string text, CancellationToken cancellation = default) =>
        SendAsync(new MessagePost(text), cancellation);

    /// <summary>Sends a message with attachments or as a reply.</summary>
    public ValueTask<QueuedCommand> SendAsync(MessagePost message, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.ComposedAtMs is null && _client.Status.State != ConnectionState.Ready)
            message = message with { ComposedAtMs = _client.UnixMs };
        return QueueAsync(MessageTypes.MessagePost, message, cancellation);
    }

    /// <summary>Replies to an earlier message.</summary>
    public ValueTask<QueuedCommand> ReplyAsync(ulong offset, string text, CancellationToken cancellation = default) =>
        SendAsync(new MessagePost(text, ReplyTo: offset), cancellation);

    /// <summary>Replaces the text of a message of one's own.</summary>
    public ValueTask<QueuedCommand> EditAsync(ulong offset, string text, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.MessageEdit, new MessageEdit(offset, text), cancellation);

    /// <summary>Deletes a message; its content is erased from the log and from every device.</summary>
    public ValueTask<QueuedCommand> DeleteAsync(ulong offset, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.MessageDelete, new MessageDelete(offset), cancellation);

    /// <summary>Adds or takes back a reaction: an emoji of at most 64 bytes.</summary>
    public ValueTask<QueuedCommand> ReactAsync(ulong offset, string emoji, bool on = true, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.MessageReact, new MessageReact(offset, emoji, on), cancellation);

    /// <summary>Marks everything through an offset as read. Marks that were never sent are joined into one.</summary>
    public ValueTask<QueuedCommand> MarkReadAsync(ulong offset, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.ReadMark, new ReadMark(offset), cancellation);

    /// <summary>Adds a member.</summary>
    public ValueTask<QueuedCommand> AddMemberAsync(string user, MemberRole role = MemberRole.Member, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.MemberAdd, new MemberAdd(user, role), cancellation);

    /// <summary>Removes a member.</summary>
    public ValueTask<QueuedCommand> RemoveMemberAsync(string user, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.MemberRemove, new MemberRemove(user), cancellation);

    /// <summary>Changes what a member may do.</summary>
    public ValueTask<QueuedCommand> SetRoleAsync(string user, MemberRole role, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.MemberRole, new MemberRoleChange(user, role), cancellation);

    /// <summary>Leaves the conversation.</summary>
    public ValueTask<QueuedCommand> LeaveAsync(CancellationToken cancellation = default) =>
        _client.QueueAsync(Topic, MessageTypes.ConversationLeave, [0x90], cancellation);

    /// <summary>Gives it another title (at most 256 bytes), or none.</summary>
    public ValueTask<QueuedCommand> RenameAsync(string? title, CancellationToken cancellation = default) =>
        QueueAsync(MessageTypes.ConversationRename, new ConversationRename(title), cancellation);

    /// <summary>
    /// Shows the others that the user is typing, or stopped. Now or never: false says that there is no connection and that nothing was kept.
    /// Call it with every key; it is sent at most every three seconds.
    /// </summary>
    public bool Typing(bool on)
    {
        var now = _client.Options.TimeProvider.GetTimestamp();
        var last = Interlocked.Read(ref _typedAt);
        if (on && last != long.MinValue && _client.Options.TimeProvider.GetElapsedTime(last, now) < TypingEvery)
            return _client.Status.State == ConnectionState.Ready;
        if (!_client.Signal(Topic, SignalTypes.Typing, new TypingSignal(on).ToBytes()))
            return false;
        Interlocked.Exchange(ref _typedAt, on ? now : long.MinValue);
        return true;
    }

    /// <summary>Begins to watch the conversation's people. The gateway allows so many at a time (100 by default).</summary>
    public ValueTask<PeopleWatch> WatchAsync(CancellationToken cancellation = default) => _client.WatchAsync(Topic, cancellation);

    /// <summary>
    /// The events after an offset: first those that are stored, then each as it is stored, without end. Each comes once and in order; where history
    /// was reset it begins again with another <see cref="ConversationEvent.Epoch"/>. Memory is bounded; begin again anywhere.
    /// </summary>
    public IAsyncEnumerable<ConversationEvent> Events(ulong after = 0, CancellationToken cancellation = default) =>
        _client.Events(Topic, after, cancellation);

    /// <summary>The newest stored events before an offset (0: from the end), ascending; at most 1,000. Does not ask the gateway.</summary>
    public Task<IReadOnlyList<ConversationEvent>> ReadBackAsync(ulong before = 0, int count = 50, CancellationToken cancellation = default) =>
        _client.ReadBackAsync(Topic, before, count, cancellation);

    /// <summary>
    /// Asks the gateway for up to <paramref name="count"/> (1–500) events before an offset (0: from the head) and stores them; read
    /// them with <see cref="ReadBackAsync"/>.
    /// </summary>
    /// <exception cref="HistoryUnavailableException">There is no connection, or it ended meanwhile.</exception>
    public Task<HistoryPage> LoadHistoryAsync(ulong before = 0, int count = 100, CancellationToken cancellation = default) =>
        _client.LoadHistoryAsync(Topic, before, count, cancellation);

    private ValueTask<QueuedCommand> QueueAsync<T>(ushort type, T payload, CancellationToken cancellation)
        where T : IPayload<T>
    {
        var bytes = payload.ToBytes();
        // What the gateway would refuse for its form is the caller's mistake: better told now than in three days.
        if (!T.TryRead(new(bytes), out _))
            throw new ArgumentException("The content breaks a rule of holi.v1: empty or too long text, or a field outside its range.", nameof(payload));
        return _client.QueueAsync(Topic, type, bytes, cancellation);
    }
}
