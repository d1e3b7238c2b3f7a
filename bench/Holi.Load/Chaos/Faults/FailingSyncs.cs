using Holi.Load.Chaos.Native;

namespace Holi.Load.Chaos.Faults;

/// <summary>A Postgres whose fsync can be made to fail.</summary>
internal sealed class FailingSyncs : IDisposable
{
    private readonly PreloadedLibrary? _library;

    public FailingSyncs()
    {
        _library = PreloadedLibrary.TryBuild("failing-sync", out var missing);
        Missing = _library is null ? missing : null;
    }

    /// <summary>What this machine lacks for it.</summary>
    public string? Missing { get; }

    /// <summary>What Postgres is to be started with.</summary>
    public IReadOnlyDictionary<string, string> Environment => _library is null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["LD_PRELOAD"] = _library.Path, ["FAILING_SYNC_MARK"] = Mark };

    private string Mark => _library!.In("fails");

    public void Fail() => File.WriteAllText(Mark, "");

    public void Heal() => File.Delete(Mark);

    public void Dispose() => _library?.Dispose();
}
