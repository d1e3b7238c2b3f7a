namespace Holi.Load.Chaos.Faults;

/// <summary>What a kind of fault needs to be there.</summary>
[Flags]
internal enum FaultNeeds
{
    Nothing = 0,
    Postgres = 1,
    Redis = 2,
    EarlierGateway = 4,
}

/// <summary>A kind of fault.</summary>
/// <param name="Name">As <c>--faults</c> names it.</param>
/// <param name="Row">Its row in the table of faults that Holi is proved against.</param>
/// <param name="What">What happens, in words.</param>
/// <param name="Needs">Without it there is no such fault.</param>
internal sealed record FaultKind(string Name, int Row, string What, FaultNeeds Needs = FaultNeeds.Nothing)
{
    /// <summary>What an order lacks for it; null where nothing.</summary>
    public string? Lacks(FaultNeeds has) => (Needs & ~has) switch
    {
        FaultNeeds.Postgres => "--postgres",
        FaultNeeds.Redis => "--redis",
        FaultNeeds.EarlierGateway => "--earlier-gateway",
        _ => null,
    };
}
