using System.Diagnostics;
using System.Text.Json;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Clients;

/// <summary>
/// The JavaScript client that somebody wrote from protocol/ alone (tests/strangers), in a process of its own: driven by lines of JSON, as the
/// head of talk.mjs says.
/// </summary>
internal sealed class StrangerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<JsonElement> _heard = [];
    private readonly List<string> _complaints = [];

    private StrangerProcess(Process process) => _process = process;

    public static StrangerProcess Start()
    {
        var tests = Path.Combine(Checkout.Folder, "tests");
        Directory.Exists(Path.Combine(tests, "js", "node_modules", "ws")).ShouldBeTrue(
            "The JavaScript packages are missing: run ./test.sh, or npm ci in tests/js.");
        var start = new ProcessStartInfo("node", [Path.Combine(tests, "strangers", "talk.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var stranger = new StrangerProcess(Process.Start(start)!);
        stranger._process.OutputDataReceived += (_, line) => stranger.Hear(line.Data);
        stranger._process.ErrorDataReceived += (_, line) => stranger.Complain(line.Data);
        stranger._process.BeginOutputReadLine();
        stranger._process.BeginErrorReadLine();
        return stranger;
    }

    /// <summary>Does one operation, given as JSON.</summary>
    public void Do(string operation) => _process.StandardInput.WriteLine(operation);

    /// <summary>Everything heard of a kind so far.</summary>
    public IReadOnlyList<JsonElement> Heard(string kind)
    {
        lock (_heard)
            return [.. _heard.Where(line => line.GetProperty("ev").GetString() == kind)];
    }

    /// <summary>Waits until so many of a kind were heard.</summary>
    public Task HearsAsync(string kind, int count = 1) => Eventually.HoldsAsync(() => Heard(kind).Count >= count, () => $"{Heard(kind).Count} of {count} {kind}. {this}");

    /// <summary>The texts of a topic's messages, in the order in which they came.</summary>
    public IReadOnlyList<string> Texts(string topic) =>
        [.. Heard("event").Where(e => e.GetProperty("topic").GetString() == topic && e.GetProperty("type").GetInt32() == 0)
            .Select(e => e.GetProperty("payload")[0].GetString()!)];

    public async Task HasTextsAsync(string topic, params string[] expected)
    {
        await Eventually.HoldsAsync(() => Texts(topic).Count >= expected.Length, () => $"{string.Join(", ", Texts(topic))} came. {this}");
        Texts(topic).ShouldBe(expected);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    public override string ToString()
    {
        lock (_heard)
            return string.Join('\n', _complaints.Concat(_heard.TakeLast(20).Select(line => line.GetRawText())));
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_heard)
            _heard.Add(JsonDocument.Parse(line).RootElement);
    }

    private void Complain(string? line)
    {
        if (line is null)
            return;
        lock (_heard)
            _complaints.Add(line);
    }
}
