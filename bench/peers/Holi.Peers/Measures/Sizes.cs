namespace Holi.Peers.Measures;

/// <summary>How much of everything: the comparison's own sizes, and tiny ones with which a test sees that every peer still works.</summary>
internal sealed record Sizes
{
    public static Sizes Full { get; } = new();

    public static Sizes Tiny { get; } = new()
    {
        WarmUp = TimeSpan.FromMilliseconds(100),
        FanoutRooms = 3, FanoutMembers = 4, FanoutWarmUp = TimeSpan.FromMilliseconds(100), FanoutTime = TimeSpan.FromMilliseconds(200),
        Pairs = 4, PairsRate = 200, PairsWarmUp = TimeSpan.FromMilliseconds(100), PairsTime = TimeSpan.FromMilliseconds(200),
        IdleWarmRooms = 2, IdleWarmTimes = 2, IdleConnections = 20, IdleQuiet = TimeSpan.FromMilliseconds(100),
        BytesTexts = 10, ConnectDevices = 8, ConnectWarmUp = 4, Connects = 16, QueuedTexts = 200, Repeats = 1, KillTexts = 100,
        Stragglers = TimeSpan.FromMilliseconds(50), Stalled = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>How long a fresh server's rooms talk at full speed before anything is measured of it.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(6);

    public int FanoutRooms { get; init; } = 50;
    public int FanoutMembers { get; init; } = 10;
    public TimeSpan FanoutWarmUp { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan FanoutTime { get; init; } = TimeSpan.FromSeconds(3);

    public int Pairs { get; init; } = 100;
    public int PairsRate { get; init; } = 2_000;
    public TimeSpan PairsWarmUp { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan PairsTime { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Rooms that come, speak and go before, and how often: what a server's first connections cost once is no connection's.</summary>
    public int IdleWarmRooms { get; init; } = 50;
    public int IdleWarmTimes { get; init; } = 10;

    public int IdleConnections { get; init; } = 5_000;

    /// <summary>Before memory is looked at: garbage collectors and Holi's own giving back have had their time.</summary>
    public TimeSpan IdleQuiet { get; init; } = TimeSpan.FromSeconds(6);

    public int BytesTexts { get; init; } = 200;

    public int ConnectDevices { get; init; } = 40;
    public int ConnectWarmUp { get; init; } = 400;
    public int Connects { get; init; } = 2_000;

    public int QueuedTexts { get; init; } = 10_000;

    /// <summary>Times that a measure of milliseconds is repeated behind one warm-up.</summary>
    public int Repeats { get; init; } = 3;

    public int KillTexts { get; init; } = 1_000;

    /// <summary>So long what comes late is waited for before bytes are counted: acknowledgements that are sent once a second.</summary>
    public TimeSpan Stragglers { get; init; } = TimeSpan.FromMilliseconds(1_200);

    /// <summary>A sender who hears no acknowledgement for so long has been stopped by the server.</summary>
    public TimeSpan Stalled { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After so long without a further text the rest counts as lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);
}
