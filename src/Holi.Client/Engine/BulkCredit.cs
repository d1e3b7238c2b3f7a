using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Client.Engine;

/// <summary>
/// Gives bulk credit back for what was stored or dropped (holi.v1.md §5.3). Bytes go with the batch that carries their events:
/// gathered, at the store, released.
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

    /// <summary>A batch is cut: what was gathered so far is in it, or needs no store.</summary>
    public void Cut() => (_atStore, _gathered) = (_atStore + _gathered, 0);

    /// <summary>The batch is on disk; a Credit frame, if it is time for one.</summary>
    public CreditFrame? Written()
    {
        var released = _window.OnReleased(_atStore);
        _atStore = 0;
        return released > 0 ? new CreditFrame(Lane.Bulk, (ulong)released) : null;
    }
}
