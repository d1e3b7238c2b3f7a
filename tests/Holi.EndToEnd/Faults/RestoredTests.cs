using System.Diagnostics;
using Holi.Client;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Faults;

/// <summary>Fault 17: the operator puts an older backup back. Invariant E: the reset is announced, and nothing is silently wrong.</summary>
public sealed class RestoredTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fault_17_an_older_backup_is_announced_by_a_new_epoch_and_everything_is_fetched_again(bool wholeFolder)
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        using var backups = new TempFolder();
        await using var ana = await AppDevice.StartAsync(gateway, "ana");
        await using var ben = await AppDevice.StartAsync(gateway, "ben");
        var id = await ana.CreateAsync("ben");
        await ana.SaidAsync(id, "in the backup");
        await ben.HasTextsAsync(id, "in the backup");
        (await gateway.StopAsync(Cancel)).ShouldBe(0);
        await TempFolder.CopyAsync(gateway.DataFolder, backups.In("data"));
        await gateway.RestartAsync(Cancel);
        await ana.SaidAsync(id, "later");
        await ben.HasTextsAsync(id, "in the backup", "later");
        var epoch = ben.Shown(id)[^1].Epoch;

        await gateway.KillAsync();
        var unanswered = await ana.SayAsync(id, "not yet answered");
        await RestoreAsync(backups.In("data"), gateway.DataFolder, wholeFolder);
        await gateway.RestartAsync(Cancel);

        await Eventually.EndsAsync(unanswered.Committed);
        foreach (var device in new[] { ana, ben })
        {
            await Eventually.HoldsAsync(
                () => device.Texts(id) is [.., "not yet answered"],
                () => $"{device.Client.User} ({device.Client.Status.Current}): {string.Join(", ", device.Texts(id))}");
            // The history before is shown again under its new epoch; what the backup lacks is gone, and nobody believes otherwise.
            var now = device.Shown(id).Where(e => e.Epoch != epoch).ToArray();
            now.Select(e => e.Text).OfType<string>().ShouldBe(["in the backup", "not yet answered"]);
            now.Select(e => e.Offset).ShouldBe(Enumerable.Range(1, now.Length).Select(n => (ulong)n));
            var stored = await device.Client.Conversation(id).ReadBackAsync(0, 100, Cancel);
            stored.Select(e => e.Text).OfType<string>().ShouldBe(["in the backup", "not yet answered"]);
        }
        await ana.SaidAsync(id, "and on");
        await Eventually.HoldsAsync(() => ben.Texts(id)[^1] == "and on", "the conversation does not go on");
    }

    private static async Task RestoreAsync(string backup, string data, bool wholeFolder)
    {
        if (wholeFolder)
        {
            Directory.Delete(data, recursive: true);
            await TempFolder.CopyAsync(backup, data);
            return;
        }
        // The database alone, written over the one that is there.
        foreach (var file in Directory.EnumerateFiles(data, "holi.db*").Where(file => !file.EndsWith(".mark", StringComparison.Ordinal)))
        {
            var old = Path.Combine(backup, Path.GetFileName(file));
            if (File.Exists(old))
                await RunAsync("cp", old, file);
            else
                File.Delete(file);
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.ShouldBe(0);
    }
}
