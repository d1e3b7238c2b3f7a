using System.Diagnostics;
using Holi.Client.Store;
using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>A disk with no space left: storing fails loudly, nothing of the batch is there, and later writes work (4-proof fault 3).</summary>
public sealed class StoreDiskFullTests
{
    private const ulong Batch = 50;

    [Fact]
    public void A_file_that_may_not_grow_refuses_whole_batches()
    {
        using var folder = new StoreFolder();
        using (var store = folder.Open())
        {
            ((SqliteDeviceStore)store).CapPages(200);
            FillUp(store);
            ((SqliteDeviceStore)store).CapPages(100_000);
            GoOn(store);
        }
        using (var store = folder.Open())
            store.Damage.Any.ShouldBeFalse();
    }

    [Fact]
    public void A_full_disk_refuses_whole_batches()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small tmpfs takes root on Linux.");
        var disk = Path.Combine(Path.GetTempPath(), "holi-disk-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk), "This place does not allow mounting a tmpfs.");
        try
        {
            using var folder = new StoreFolder(disk);
            var ballast = Path.Combine(disk, "ballast");
            File.WriteAllBytes(ballast, new byte[2 * 1024 * 1024]);
            ulong queued;
            using (var store = folder.Open())
            {
                queued = FillUp(store);
                Should.Throw<DeviceStoreException>(() => folder.Files.Open(StoreFolder.Ben, folder.Key)).Failure.ShouldBe(DeviceStoreFailure.DiskFull);
                store.ReadOutbox(queued - Batch, 1_000, int.MaxValue).Count.ShouldBe((int)Batch);
            }
            using (var store = folder.Open())
            {
                store.ReadIdentity().LastAssigned.ShouldBe(queued);
                store.Damage.Any.ShouldBeFalse();
                File.Delete(ballast);
                GoOn(store);
            }
        }
        finally
        {
            Run("umount", disk);
            Directory.Delete(disk);
        }
    }

    private static ulong FillUp(IDeviceStore store)
    {
        var seq = 0UL;
        try
        {
            for (; seq < 1_000_000; seq += Batch)
                store.Write(Queue(seq + 1, seq + Batch));
        }
        catch (DeviceStoreException full) when (full.Failure == DeviceStoreFailure.DiskFull)
        {
        }
        seq.ShouldBeInRange(Batch, 999_999UL);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Should.Throw<DeviceStoreException>(() => store.Write(Queue(seq + 1, seq + 2_000))).Failure.ShouldBe(DeviceStoreFailure.DiskFull);
            store.ReadIdentity().LastAssigned.ShouldBe(seq);
            store.ReadOutboxSize().Count.ShouldBe((long)seq);
            FilledStore.ReadAll(store).Count.ShouldBe((int)seq);
        }
        return seq;
    }

    private static void GoOn(IDeviceStore store)
    {
        var seq = store.ReadIdentity().LastAssigned;
        store.Write(Queue(seq + 1, seq + 2_000));
        FilledStore.ReadAll(store).Select(command => command.Seq).ShouldBe(Enumerable.Range(1, (int)seq + 2_000).Select(each => (ulong)each));
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
