using Holi.Gateway.Storage;

namespace Holi.Gateway.Ops;

/// <summary>Runs the gateway until it is told to stop. Exit codes: 0 stopped in order, 1 could not start, 2 the options are wrong.</summary>
internal static class RunCommand
{
    // The committer's fsync holds a worker while it waits for the disk, and so does a read of the log: the rest goes on beside them.
    private const int WorkersAtTheDisk = 2;

    public static async Task<int> RunAsync(IConfiguration settings)
    {
        var options = OptionsReader.Read(settings, out var errors);
        if (errors.Count > 0)
            return OptionErrors.Print(errors);
        try
        {
            ThreadPool.GetMinThreads(out var workers, out var completions);
            ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + WorkersAtTheDisk), completions);
            await using var host = GatewayHost.Build(options, settings, TimeProvider.System);
            await host.StartAsync(CancellationToken.None);
            Banner.Print(host, options);
            await UntilStopAskedAsync(host);
            await host.StopAsync();
            return 0;
        }
        catch (Exception e) when (
            e is StoreUnavailableException or SchemaTooNewException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync($"The gateway cannot start: {e.Message}");
            return 1;
        }
    }

    // The server goes on listening while connections are drained; it is stopped afterwards.
    private static Task UntilStopAskedAsync(GatewayHost host)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.OnStopAsked(asked.SetResult);
        return asked.Task;
    }
}
