using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>A process that dies while it writes (4-proof faults 1 and 2): what it was told is stored is there, each batch is there whole or not at all.</summary>
public sealed class StoreKillTests : IDisposable
{
    private const string FolderVariable = "HOLI_TEST_STORE_WRITER";
    private const int Kills = 12;
    private const ulong Batch = 20;

    private readonly StoreFolder _folder = StoreFolder.OnDisk();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_killed_process_loses_nothing_that_was_stored()
    {
        var random = new Random(9);
        using (var store = _folder.Open())
            store.Write([new StartGeneration(1), new PutTopic(NewTopic())]);
        File.WriteAllBytes(Path.Combine(_folder.Path, "key"), _folder.Key);
        var told = 0UL;
        for (var kill = 0; kill < Kills; kill++)
        {
            told = Math.Max(told, RunWriter(TimeSpan.FromMilliseconds(random.Next(1, 150))));
            using var store = _folder.Open();
            store.Damage.Any.ShouldBeFalse();
            var identity = store.ReadIdentity();
            identity.LastAssigned.ShouldBeGreaterThanOrEqualTo(told);
            (identity.LastAssigned % Batch).ShouldBe(0UL);
            var commands = FilledStore.ReadAll(store);
            commands.Select(command => command.Seq).ShouldBe(
                Enumerable.Range(1, (int)(identity.LastAssigned - identity.Known)).Select(at => identity.Known + (ulong)at));
            commands.ForEach(command => ShouldBeSame(command, Command(command.Seq)));
            store.ReadTopics().Single().Cursor.ShouldBe(identity.LastAssigned);
            store.ReadEventsBack(Topic, 0, 50).ToList().ForEach(each => ShouldBeSame(each, Event(each.Offset)));
            store.ReadEvents(Topic, 0, int.MaxValue).Count.ShouldBe((int)identity.LastAssigned);
        }
        told.ShouldBeGreaterThan(Batch * Kills, "the writer was killed before it wrote: the test proves nothing");
    }

    [Fact]
    public void Another_process_is_kept_out_while_one_lives()
    {
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(_folder.Path).FullName, "key"), _folder.Key);
        using (var store = _folder.Open())
            store.Write([new StartGeneration(1), new PutTopic(NewTopic())]);
        using var writer = StartWriter();
        writer.StandardOutput.ReadLine().ShouldNotBeNull();
        StoreKeyTests.FailureOf(() => _folder.Open()).ShouldBe(DeviceStoreFailure.InUse);
        writer.Kill();
        writer.WaitForExit();
        _folder.Open().Dispose();
    }

    // Returns the last seq that the writer said was stored. SIGKILL.
    private ulong RunWriter(TimeSpan life)
    {
        using var writer = StartWriter();
        var told = 0UL;
        using var killer = new Timer(_ => writer.Kill());
        while (writer.StandardOutput.ReadLine() is { } line)
        {
            if (told == 0)
                killer.Change(life, Timeout.InfiniteTimeSpan);
            told = ulong.Parse(line, CultureInfo.InvariantCulture);
        }
        writer.WaitForExit();
        return told;
    }

    private Process StartWriter()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(StoreKillTests).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[FolderVariable] = _folder.Path;
        return Process.Start(start)!;
    }

    /// <summary>In a process started by <see cref="StartWriter"/> this runs before any test would: it writes until it is killed.</summary>
    [ModuleInitializer]
    internal static void WriteUntilKilled()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { } folder)
            return;
        using var store = new DeviceStoreFiles(folder).Open(StoreFolder.Ana, File.ReadAllBytes(Path.Combine(folder, "key")));
        using var output = Console.OpenStandardOutput();
        while (true)
        {
            var seq = store.ReadIdentity().LastAssigned;
            StoreWrite[] writes = [.. Queue(seq + 1, seq + Batch), new AppendEvents(Topic, seq + Batch, Events(seq + 1, seq + Batch))];
            store.Write(seq % 100 == 0 && seq > 200 ? [new DropCommitted(seq - 150, Digest(1)), .. writes] : writes);
            output.Write(System.Text.Encoding.ASCII.GetBytes($"{seq + Batch}\n"));
        }
    }
}
