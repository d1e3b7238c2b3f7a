using System.Globalization;
using Holi.Load.Gateways;

namespace Holi.Load.Chaos.Faults;

/// <summary>
/// Row 18: gateways whose wall clocks can be set (libfaketime, Debian package libfaketime); time that passes is left alone.
/// </summary>
/// <param name="withPostgres">The gateways use Postgres: under the library the driver's blocking waits end at once, and no gateway would start.</param>
internal sealed class FakeClocks(bool withPostgres)
{
    private static readonly string? Library = Array.Find(
        ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"], File.Exists);

    private string? Missing { get; } =
        Library is null ? "libfaketime (Debian package libfaketime)" : withPostgres ? "a fake clock that Postgres's driver can live with" : null;

    private readonly string _folder = Directory.CreateTempSubdirectory("holi-clocks-").FullName;

    /// <summary>A gateway's program whose clock can be set; the plain one where the library is missing.</summary>
    public async Task<string> ProgramAsync(int gateway, string? program, CancellationToken cancel)
    {
        var plain = program ?? await GatewayProcess.FindAsync(cancel);
        if (Missing is not null)
            return plain;
        Set(gateway, 0);
        var script = Path.Combine(_folder, $"gateway-{gateway}");
        await File.WriteAllTextAsync(
            script,
            $"""
            #!/bin/sh
            export LD_PRELOAD={Library} FAKETIME_TIMESTAMP_FILE={Clock(gateway)} FAKETIME_CACHE_DURATION=1
            export FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
            exec {(plain.EndsWith(".dll", StringComparison.Ordinal) ? "dotnet " : "")}{plain}

            """,
            cancel);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    public IEnumerable<Fault> Of(int gateways, Random random)
    {
        for (var n = 0; n < gateways; n++)
        {
            var gateway = n;
            yield return new Fault(
                "clock", 18, $"clock {gateway}",
                _ => Done(() => Set(gateway, random.Next(2) == 0 ? 1 : -1)),
                _ => Done(() => Set(gateway, 0)),
                Missing);
        }
    }

    public void Delete() => Directory.Delete(_folder, recursive: true);

    private string Clock(int gateway) => Path.Combine(_folder, $"clock-{gateway}");

    private void Set(int gateway, int hours) => File.WriteAllText(Clock(gateway), string.Create(CultureInfo.InvariantCulture, $"{hours:+0;-0;+0}h"));

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }
}
