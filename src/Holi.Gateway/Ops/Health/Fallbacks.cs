namespace Holi.Gateway.Ops.Health;

/// <summary>A slower way that is taken while something is missing.</summary>
/// <param name="Name">A word of this program.</param>
/// <param name="Look">True while it is in force; asked by any thread, at any time.</param>
public sealed record Fallback(string Name, Func<bool> Look)
{
    public bool IsActive => Look();
}

/// <summary>Every fallback that this gateway has, in force or not. They are named once, when the gateway is put together.</summary>
public sealed class Fallbacks
{
    private volatile Fallback[] _all = [];

    public IReadOnlyList<Fallback> All => _all;

    /// <summary>The words for those in force.</summary>
    public IReadOnlyList<string> Active => [.. _all.Where(fallback => fallback.IsActive).Select(fallback => fallback.Name)];

    /// <summary>Names one more; whoever takes it knows whether it is in force.</summary>
    public void Add(string name, Func<bool> look) => _all = [.. _all, new Fallback(name, look)];
}
