namespace Holi.Gateway.Ops.Health;

/// <summary>A slower way that is taken while something is missing. Thread-safe.</summary>
public sealed class Fallback(string name)
{
    private volatile bool _isActive;

    /// <summary>A word of this program.</summary>
    public string Name => name;

    /// <summary>True while it is in force.</summary>
    public bool IsActive
    {
        get => _isActive;
        set => _isActive = value;
    }
}

/// <summary>Every fallback that this gateway has, in force or not. They are named once, when the gateway is put together.</summary>
public sealed class Fallbacks
{
    private volatile Fallback[] _all = [];

    public IReadOnlyList<Fallback> All => _all;

    /// <summary>The words for those in force.</summary>
    public IReadOnlyList<string> Active => [.. _all.Where(fallback => fallback.IsActive).Select(fallback => fallback.Name)];

    /// <summary>Names one more.</summary>
    public Fallback Add(string name)
    {
        var added = new Fallback(name);
        _all = [.. _all, added];
        return added;
    }
}
