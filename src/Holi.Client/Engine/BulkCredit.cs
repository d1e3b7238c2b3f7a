using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Client.Engine;

/// <summary>
/// Gives bulk credit back for what was stored or dropped (holi.v1.md §5.3). Bytes go with the batch that carries their events:
/// gathered, at the store, released. The parts of a frame are given back as they come: nothing of the frame can be stored before it is whole, and on a slow link
/// that may take long.
/// </summary>
internal sealed class BulkCredit(long windowBytes)
{
    private readonly CreditWindow _window = new(windowBytes);
    private int _gathered;
    private int _atStore;

    /// <summary>A frame or part came that travelled, or may have travelled, in the bulk lane.</summary>
    public void Received(int wireBytes)
    {
        // Whole frames do not say their lane. Where we take more for bulk than the gateway does, it is ours to be generous.
        if (_window.OnReceived(wireBytes).IsNone)
            _gathered += wireBytes;
    }

    /// <summary>A part came, and its frame is not whole yet. A Credit frame, if it is time for one.</summary>
    public CreditFrame? ReceivedPart(int wireBytes) => _window.OnReceived(wireBytes).IsNone ? Release(wireBytes) : null;

    /// <summary>A batch is cut: what was gathered so far is in it, or needs no store.</summary>
    public void Cut() => (_atStore, _gathered) = (_atStore + _gathered, 0);

    /// <summary>The batch is on disk; a Credit frame, if it is time for one.</summary>
    public CreditFrame? Written()
    {
        var bytes = _atStore;
        _atStore = 0;
        return Release(bytes);
    }

    private CreditFrame? Release(int bytes)
    {
        var released = _window.OnReleased(bytes);
        return released > 0 ? new CreditFrame(Lane.Bulk, (ulong)released) : null;
    }
}
