using Holi.Gateway;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Gateway;

/// <summary>Reads what the hub was not told of, as Topics/HoleReader.cs does, in virtual time.</summary>
internal sealed class SimHoles
{
    private readonly SimGateway _gateway;
    private readonly SimRandom _random;

    public SimHoles(SimGateway gateway)
    {
        _gateway = gateway;
        _random = gateway.Random.Split("holes");
        gateway.Hub.HoleFound = () => gateway.Process.After(_random.Duration(0.02, 5), ReadNext);
    }

    private void ReadNext()
    {
        if (!_gateway.Hub.TryTakeHole(out var hole))
            return;
        var limits = _gateway.Around.Limits;
        _ = FillAsync(hole, limits);
    }

    private async Task FillAsync(Hole hole, GatewayLimits limits)
    {
        try
        {
            var page = await _gateway.Store.ReadEventsAsync(hole.Topic.TopicId, hole.After, limits.PageEvents, limits.PageBytes, default)
                .ConfigureAwait(false);
            if (page.Count > 0 && _gateway.Cluster is not null)
                _gateway.Run.Saw(Sight.HoleFilledFromLog);
            _gateway.Process.After(_random.Duration(0.02, 5), () => _gateway.Run.Guard("the hub", () => _gateway.Hub.Fill(hole, page)));
        }
        catch (StoreUnavailableException)
        {
            _gateway.Process.After(limits.HoleRetryDelay, () => _gateway.Hub.PutBack(hole));
        }
    }
}
