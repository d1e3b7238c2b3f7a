using System.Diagnostics;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Load.Scenarios;

namespace Holi.EndToEnd.Operations;

/// <summary>The gateway ships as one native binary too: it is built here as an operator builds it, and a message goes through it.</summary>
public sealed class NativeBinaryTests
{
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task The_native_binary_carries_a_message_and_keeps_it_over_a_kill()
    {
        var cancel = TestContext.Current.CancellationToken;
        var binary = await PublishAsync();
        await using var gateway = await GatewayProcess.StartAsync(binary, TimeProvider.System, cancel);
        var target = new GatewayTarget([gateway.Endpoint], gateway.Tokens, null);

        var (devices, topics) = await Rooms.OpenAsync(target, "native", 1, 2, cancel);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        devices[0][1].OnEvent = (_, _) => arrived.TrySetResult();
        await devices[0][0].PostAsync(topics[0], "through a native gateway", cancel);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), cancel);
        await Rooms.CloseAsync(devices);

        await gateway.KillAsync();
        await gateway.RestartAsync(cancel);
        using var status = await gateway.StatusAsync(cancel);
        status.RootElement.TryGetProperty("commits", out _).ShouldBeTrue();
    }

    private static async Task<string> PublishAsync()
    {
        var root = Checkout.Folder;
        var output = Path.Combine(root, "artifacts", "native");
        var start = new ProcessStartInfo(
            "dotnet", ["publish", Path.Combine(root, "src", "Holi.Gateway"), "-c", "Release", "-r", "linux-x64", "-o", output, "--nologo", "-v", "q"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var publish = Process.Start(start)!;
        var said = publish.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var failed = publish.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await publish.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(PublishTimeout);
        }
        finally
        {
            // It would go on for minutes after the test has given up.
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
        publish.ExitCode.ShouldBe(0, $"{await said}\n{await failed}");
        return Path.Combine(output, "Holi.Gateway");
    }
}
