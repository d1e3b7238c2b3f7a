using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Gateways;

/// <summary>A gateway whose wall clock is what a file says (libfaketime); time that passes is left alone.</summary>
internal sealed class FakeClock : IDisposable
{
    private static readonly string[] Libraries =
        ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1"];

    private readonly TempFolder _folder = new();
    private readonly string _clock;

    public FakeClock()
    {
        var library = Array.Find(Libraries, File.Exists);
        if (library is null)
            Assert.Skip("A clock cannot be set back here: libfaketime (Debian package libfaketime) is not installed.");
        _clock = _folder.In("clock");
        File.WriteAllText(_clock, "+0");
        Gateway = Checkout.GatewayWith(_folder, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME_TIMESTAMP_FILE"] = _clock,
            ["FAKETIME_CACHE_DURATION"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
        });
    }

    /// <summary>The program to start.</summary>
    public string Gateway { get; }

    /// <summary>The clock is so many hours off from within a second or two on.</summary>
    public Task JumpAsync(int hours) =>
        File.WriteAllTextAsync(_clock, hours < 0 ? $"{hours}h" : $"+{hours}h", TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();
}
