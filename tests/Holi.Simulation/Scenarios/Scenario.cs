using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holi.Simulation.Scenarios;

/// <summary>What happens in a run, at a time. What the numbers mean depends on the kind (Scenarios/StepRunner.cs).</summary>
public sealed record ScenarioStep(int AtMs, StepKind Kind, int Device, int A, int B);

/// <summary>Kinds of steps: first what people do, then what goes wrong.</summary>
public enum StepKind
{
    Create, Post, BigPost, Mark, React, Edit, Delete, Add, Remove, Role, Leave, Rename, Type, Watch, History, Foreground, Background, ConnectNow,
    Cut, NetworkDown, NetworkSignal, SlowLink, GatewayCrash, GatewayDrain, GatewayPause, StoreAway, CommitFails, AnswerLost, StoreSlow, BackUp,
    Restore, DeviceCrash, CrashAtWrite, DeviceFull, DeviceStop, DeviceBackUp, DeviceRestore, Clone, TokenDown, HelloHeld,
    LineDead, LineBad, LineDeaf, LogCut,
}

/// <summary>The sizes of a run's world: small limits make rare states common.</summary>
public sealed record Sizes
{
    public int Tenants { get; init; } = 1;
    public int People { get; init; } = 3;
    public int[] DevicesOf { get; init; } = [1, 1, 1];
    public int TokenMs { get; init; } = 3_600_000;
    public int Backlog { get; init; } = 200;
    public int TailEvents { get; init; } = 1_024;
    public int PageEvents { get; init; } = 512;
    public int PageBytes { get; init; } = 64 << 10;
    public int CommandsInFlight { get; init; } = 4_096;
    public int CommandBytesInFlight { get; init; } = 1 << 20;
    public int LiveBytes { get; init; } = 48 << 10;
    public int HeartbeatMs { get; init; } = 25_000;
    public int RecentHeads { get; init; } = 16_384;
    public int BatchInputs { get; init; } = 1_024;
    public int OutboxCommands { get; init; } = 10_000;
    public int FloorStep { get; init; } = 8_192;
    public int PageCommands { get; init; } = 512;
    public int UnstoredBytes { get; init; } = 4 << 20;
    public int BulkWindow { get; init; } = 1 << 20;
    public int LatencyMs { get; init; } = 40;
    public bool MonitorTells { get; init; } = true;
    public int OpeningsReserved { get; init; } = 1_000_000;

    // With several gateways. Cases from before know none of it.

    /// <summary>How many; 0 is one, with the log to itself.</summary>
    public int Gateways { get; init; }
    /// <summary>They compare the log, and say nothing to each other.</summary>
    public bool NoLine { get; init; }
    public int LineLossPercent { get; init; }
    public int LineTwicePercent { get; init; }
    public int LineDelayMs { get; init; }
    /// <summary>How long one way to the log may take; 0 is what is usual.</summary>
    public int LogDelayMs { get; init; }
    // Bounds of what gateways say to each other and keep of it (ClusterLimits); 0 is what is usual.
    public int InlineBytes { get; init; }
    public int LineMessageBytes { get; init; }
    public int LineOutbox { get; init; }
    public int CompareSlice { get; init; }
    public int ComparePerRound { get; init; }
    public int RoomsPerRound { get; init; }
    public int MembershipNotes { get; init; }
}

/// <summary>A whole run: a run is a function of this and of nothing else.</summary>
public sealed record Scenario(ulong Seed, Sizes Sizes, IReadOnlyList<ScenarioStep> Steps)
{
    /// <summary>Why it was kept: which bug it met when it was found.</summary>
    public string? Story { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, ScenarioJson.Default.Scenario);

    public static Scenario FromJson(string json) => JsonSerializer.Deserialize(json, ScenarioJson.Default.Scenario)!;
}

[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Scenario))]
internal sealed partial class ScenarioJson : JsonSerializerContext;
