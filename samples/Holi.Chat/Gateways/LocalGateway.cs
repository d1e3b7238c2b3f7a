using System.Diagnostics;
using System.Globalization;

namespace Holi.Chat.Gateways;

/// <summary>
/// The gateway that the chat started because none answered. It runs as long as this chat: when the chat ends it is drained, and other chats
/// queue what is written until there is one again. Its data stays in the gateway's own default folder.
/// </summary>
internal sealed class LocalGateway : IAsyncDisposable
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private volatile string _lastWords = "";

    private LocalGateway(Process process, TimeProvider time)
    {
        (_process, _time) = (process, time);
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Null where there is no need for one: a gateway was named, or one answers.</summary>
    public static async Task<LocalGateway?> FindOrStartAsync(
        ChatOptions options, TimeProvider time, Action<string> say, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = ProbeTimeout };
        if (options.IsGatewayNamed || await IsThereAsync(http, options.Gateway, cancellation))
            return null;
        say($"No gateway answers at {options.Gateway}: starting one; it runs as long as this chat.");
        var started = new LocalGateway(Process.Start(GatewayProgram.With("--urls", options.Gateway.OriginalString))!, time);
        try
        {
            return await started.WaitAsync(http, options.Gateway, cancellation);
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(DrainTimeout, _time);
        try
        {
            if (!_process.HasExited && !OperatingSystem.IsWindows())
                Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();
            else
                _process.Kill();
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What it acknowledged is on disk whichever way it ends.
            _process.Kill();
        }
        _process.Dispose();
    }

    private async Task<LocalGateway?> WaitAsync(HttpClient http, Uri url, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            while (true)
            {
                var isThere = await IsThereAsync(http, url, either.Token);
                if (isThere && !_process.HasExited)
                    return this;
                if (_process.HasExited)
                    return await WhoElseAsync(http, url, either.Token);
                await Task.Delay(ProbeEvery, _time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new GatewayMissingException($"The gateway did not get ready in {StartTimeout.TotalSeconds} s: {_lastWords}");
        }
    }

    // Two chats were started at once: one gateway got the address, and either will do.
    private async Task<LocalGateway?> WhoElseAsync(HttpClient http, Uri url, CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        for (var tries = 0; tries < 20; tries++)
        {
            if (await IsThereAsync(http, url, cancellation))
                return null;
            await Task.Delay(ProbeEvery, _time, cancellation);
        }
        throw new GatewayMissingException($"The gateway could not start: {_lastWords}");
    }

    private static async Task<bool> IsThereAsync(HttpClient http, Uri url, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "healthz/ready"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
            _lastWords = line;
    }
}
