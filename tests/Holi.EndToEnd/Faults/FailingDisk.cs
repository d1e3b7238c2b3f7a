using System.Diagnostics;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Faults;

/// <summary>Makes the fsyncs of a process fail for a while, and tells which it has done (tests/native/failing-fsync.c, built here with the C compiler).</summary>
internal sealed class FailingDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public FailingDisk()
    {
        var library = _folder.In("failing-fsync.so");
        using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", library, Path.Combine(Checkout.Folder, "tests", "native", "failing-fsync.c"), "-ldl"]);
        compiler.WaitForExit();
        compiler.ExitCode.ShouldBe(0, "the C compiler");
        Variables = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["FAILING_SYNC_FOLDER"] = _folder.Path };
    }

    /// <summary>What the process needs to be started with.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>While true, each fsync fails.</summary>
    public bool Fails
    {
        set
        {
            if (value)
                File.WriteAllText(_folder.In("fail"), "");
            else
                File.Delete(_folder.In("fail"));
        }
    }

    /// <summary>The fsyncs so far, as "ok NAME" and "failed NAME".</summary>
    public string[] Synced => File.ReadAllLines(_folder.In("synced"));

    public void Dispose() => _folder.Dispose();
}
