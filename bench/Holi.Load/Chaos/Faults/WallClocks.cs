using Holi.Load.Chaos.Native;
using Holi.Load.Gateways;

namespace Holi.Load.Chaos.Faults;

/// <summary>Row 18: gateways whose wall clocks can be set; time that passes, and whoever waits, is left alone.</summary>
internal sealed class WallClocks : IDisposable
{
    private const int Hour = 3_600;

    private readonly PreloadedLibrary? _library;
    private readonly string? _missing;

    public WallClocks()
    {
        _library = PreloadedLibrary.TryBuild("wall-clock", out var missing);
        _missing = _library is null ? missing : null;
    }

    /// <summary>What a gateway is to be started with, so that its clock can be set.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(int gateway)
    {
        if (_library is null)
            return new Dictionary<string, string>();
        Set(gateway, 0);
        return new Dictionary<string, string> { ["LD_PRELOAD"] = _library.Path, ["WALL_CLOCK_FILE"] = Clock(gateway) };
    }

    public IEnumerable<Fault> Of(IReadOnlyList<GatewayProcess> gateways, Random random)
    {
        for (var n = 0; n < gateways.Count; n++)
        {
            var gateway = n;
            yield return Fault.Now(
                "clock", $"clock {gateway}", () => Set(gateway, random.Next(2) == 0 ? Hour : -Hour), () => Set(gateway, 0)) with { Missing = _missing };
        }
    }

    public void Dispose() => _library?.Dispose();

    private string Clock(int gateway) => _library!.In($"clock-{gateway}");

    // Into the file that is there: the gateway has it mapped.
    private void Set(int gateway, long seconds)
    {
        using var clock = File.OpenWrite(Clock(gateway));
        clock.Write(BitConverter.GetBytes(seconds));
    }
}
