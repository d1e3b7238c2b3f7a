using System.Buffers;
using Holi.Wire;
using Holi.Wire.Lanes;

namespace Holi.Gateway.Connections;

/// <summary>
/// The lanes of one connection, and how frames get into them: small ones are written into the thread's scratch memory and copied, large
/// or shared ones are put in by reference. A lane that is full means that the device asks for answers and does not read them.
/// </summary>
internal sealed class Outgoing(GatewayLimits limits)
{
    // Connections take no thread while they wait, so scratch memory belongs to the threads and not to them.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    public LaneScheduler Lanes { get; } = new(limits.LaneBytes, limits.PacesLinks);

    /// <summary>True once something had no room: the connection closes with 4105.</summary>
    public bool IsOverflowed { get; private set; }

    /// <summary>Empty memory to write one frame into; <see cref="Send"/> sends it.</summary>
    public static ArrayBufferWriter<byte> Begin()
    {
        _scratch ??= new ArrayBufferWriter<byte>(1024);
        _scratch.ResetWrittenCount();
        return _scratch;
    }

    /// <summary>Sends the frame that was written since <see cref="Begin"/>.</summary>
    public void Send(Lane lane)
    {
        if (!Lanes.TryEnqueueCopy(lane, _scratch!.WrittenSpan))
            IsOverflowed = true;
    }

    /// <summary>Sends a frame by reference; its bytes never change. False where the lane is full for now.</summary>
    public bool TryShare(Lane lane, ReadOnlyMemory<byte> frame) => Lanes.TryEnqueue(lane, frame);

    /// <summary>
    /// May a frame of about so many bytes be put into the lane now? A lane without credit is filled one message ahead. A lane under credit only as far
    /// as its credit goes, so that nothing is stuck in it: what waits for credit waits outside, where it can still be changed.
    /// </summary>
    public bool HasRoom(Lane lane, int frameBytes)
    {
        var pending = Lanes.PendingBytes(lane);
        if (!lane.IsCredited())
            return pending < limits.LiveBytes;
        var credit = Lanes.CreditOf(lane);
        // One piece is enough to begin with: a receiver returns the credit of each part as it comes.
        if (pending == 0)
            return credit >= Math.Min(frameBytes, LaneSets.PieceBytesMax);
        // In parts a frame costs a little more than its bytes: five for each 16 KiB.
        return pending < limits.PageBytes && credit - pending >= frameBytes + (frameBytes >> 10) + 8;
    }

    /// <summary>Bytes that wait in all lanes.</summary>
    public int PendingBytes()
    {
        var bytes = 0;
        for (var lane = Lane.Control; lane <= Lane.Bulk; lane++)
            bytes += Lanes.PendingBytes(lane);
        return bytes;
    }

    public int PendingBytes(Lane lane) => Lanes.PendingBytes(lane);

    /// <summary>Frames that wait in all lanes; one partly sent counts.</summary>
    public int PendingFrames()
    {
        var frames = 0;
        for (var lane = Lane.Control; lane <= Lane.Bulk; lane++)
            frames += Lanes.PendingFrames(lane);
        return frames;
    }

    public bool IsEmpty(Lane lane) => Lanes.PendingFrames(lane) == 0;
}
