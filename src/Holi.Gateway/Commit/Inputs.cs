using System.Buffers;
using System.Text;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// Whoever submitted an input: a connection, or the simulator's stand-in. Called by the committer's loop after the batch is on disk, in order;
/// must return at once (take a note, wake a loop).
/// </summary>
public interface ICommitSource
{
    /// <summary>The device is open, or refused with <see cref="DeviceOpened.Code"/>.</summary>
    void Opened(in DeviceOpened opened);

    /// <summary>Everything of this source up to <paramref name="committed"/> is on disk; <paramref name="refusals"/> are those refused in this batch.</summary>
    void Committed(ulong committed, IReadOnlyList<Refusal> refusals);

    /// <summary>
    /// A command was not taken, and none after it will be. <see cref="HoliCode.SeqGap"/>: answer Error 4302 and Commit, resume behind what
    /// <see cref="Committed"/> said last. Any other code (Fenced, GenerationUnknown, Overloaded) closes the connection.
    /// </summary>
    void Refused(HoliCode code);
}

/// <summary>Something that the committer orders: an opening, a command, a position or a publication.</summary>
public abstract record CommitInput
{
    /// <summary>When it was submitted, on the committer's clock; 0 where nobody measures that.</summary>
    public long SubmittedAt { get; set; }

    /// <summary>Not null where this one is traced; see <see cref="MessageTrace"/>.</summary>
    public MessageTrace? Trace { get; set; }

    /// <summary>Bytes of content that it brings into a batch.</summary>
    public virtual int PayloadBytes => 0;

    /// <summary>It could not be decided, by a fault of ours, and will not be: whoever waits for it is told so.</summary>
    public virtual void TurnAway()
    {
    }
}

/// <summary>A Hello whose token was verified (§6.1, §6.4). Moves the fence, so that an older connection's commands are refused from here on.</summary>
public sealed record OpenDevice(
    ICommitSource Source, DeviceKey Key, uint Generation, ulong LastAssigned, ulong Known, CommandDigest Digest, ulong Opening) : CommitInput
{
    public override void TurnAway() => Source.Refused(HoliCode.Overloaded);
}

/// <summary>The answer to <see cref="OpenDevice"/>.</summary>
/// <param name="Code">None, OpeningOutdated, GenerationForked, GenerationUnknown or LimitReached (devices of a user).</param>
/// <param name="DeviceId">The store's own key of the device; 0 where it is unknown.</param>
/// <param name="Generation">The device's generation from now on.</param>
/// <param name="Committed">Everything through this seq of that generation is on disk.</param>
/// <param name="Digest">The gateway's digest at <paramref name="Committed"/>.</param>
/// <param name="Fence">What this connection's commands must carry: a later opening has a higher one.</param>
public readonly record struct DeviceOpened(
    HoliCode Code, long DeviceId, uint Generation, ulong Committed, CommandDigest Digest, ulong Fence);

/// <summary>One command of a device, its payload copied out of the message and checked by §3.1 (a payload that is not fine is refused by the planner).</summary>
public sealed record SubmitCommand(
    ICommitSource Source, DeviceKey Key, uint Generation, ulong Fence, ulong Seq, uint FirstGeneration, ulong FirstSeq,
    CommandCheck Check, string TopicName, ushort Type, byte[] Payload) : CommitInput
{
    public override int PayloadBytes => Payload.Length;

    public override void TurnAway() => Source.Refused(HoliCode.Overloaded);

    /// <summary>Under which identity it first travelled, and with which check: that of a plain Command with the first seq (§7.2).</summary>
    public FirstIdentity First()
    {
        var topic = Encoding.UTF8.GetBytes(TopicName);
        var check = CommandCheck.Compute(FirstSeq, 0, 0, Type, topic, new ReadOnlySequence<byte>(Payload));
        return new FirstIdentity(Key, FirstGeneration, FirstSeq, check.First8);
    }
}

/// <summary>A device stored a topic through an offset (§8.4): the delivered receipt. Coalesced; nothing waits for it.</summary>
public sealed record SubmitDelivered(TopicKey Topic, string User, ulong Delivered) : CommitInput;

/// <summary>A denial or connect worth an audit row of its own.</summary>
public sealed record SubmitAudit(AuditEntry Entry) : CommitInput;
