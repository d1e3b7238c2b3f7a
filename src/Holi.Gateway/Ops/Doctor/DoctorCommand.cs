using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Storage.Postgres;

namespace Holi.Gateway.Ops.Doctor;

/// <summary>
/// Looks at a configuration and at everything that it names, and says what to fix. It changes nothing: no key is made, no schema, no stream; what it writes to
/// measure, it removes. Exit codes: 0 nothing to fix, 1 warnings, 2 problems.
/// </summary>
internal static class DoctorCommand
{
    public static async Task<int> RunAsync(IConfiguration settings, CancellationToken cancel)
    {
        var output = Console.Out;
        var time = TimeProvider.System;
        var options = OptionsReader.Read(settings, out var errors);
        output.WriteLine($"Holi {GatewayVersion.Text} looks at {options.DataFolder}");
        output.WriteLine();
        var report = new DoctorReport(output);
        foreach (var finding in SettingsCheck.Look(errors))
            report.Add(finding);
        foreach (var finding in DataFolderCheck.Look(options.DataFolder, time))
            report.Add(finding);
        foreach (var finding in MachineCheck.Look(options.Limits, time))
            report.Add(finding);
        // What cannot be read cannot be tried; the setting was named above.
        if (IsRight("Auth"))
            await report.AddAsync("keys", KeysCheck.LookAsync(options, settings["Auth:KeyFile"], cancel));
        if (IsRight("Telemetry") && options.Telemetry.Otlp is { } collector)
            report.Add(await CollectorCheck.LookAsync(collector, cancel));
        if (IsRight("Postgres") && options.Postgres is { } postgres)
            await report.AddAsync("postgres", PostgresDoctor.LookAsync(postgres, options.Limits.TokenSkew, time, cancel));
        if (IsRight("Redis") && options.Redis is { } redis)
            await report.AddAsync("redis", RedisDoctor.LookAsync(redis, options.Limits.TokenSkew, time, cancel));
        return report.End();

        bool IsRight(string section) => !errors.Any(error => error.StartsWith(section, StringComparison.OrdinalIgnoreCase));
    }
}
