using Holi.Client;
using Holi.Load.Chaos.Faults;
using Holi.Load.Chaos.Workload;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.Load.Chaos;

/// <summary>
/// One run: two tenants with the same people and conversations by name, so that what crosses between them shows; backends on each road; and a
/// storm of faults over all of it.
/// </summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private const int PeopleEach = 5, ConversationsEach = 3, MembersEach = 4;
    private static readonly string[] Tenants = ["north", "south"];
    private static readonly TimeSpan Convergence = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(25);

    private readonly ChaosSite _site;
    private readonly ChaosPlan _plan;
    private readonly string _folder = Directory.CreateTempSubdirectory("holi-chaos-").FullName;
    private readonly List<ChaosDevice> _devices = [];
    private readonly List<Backends> _backends = [];
    private Task _living = Task.CompletedTask;
    private long _healed;

    private ChaosRun(ChaosSite site, ChaosPlan plan) => (_site, _plan) = (site, plan);

    public Spoken Spoken { get; } = new();

    private static string[] Conversations { get; } = [.. Enumerable.Range(0, ConversationsEach).Select(n => $"ward-{n}")];

    private IEnumerable<(ChaosDevice Device, string Id)> Readers =>
        from device in _devices from id in Conversations where MembersOf(id).Contains(device.User) select (device, id);

    public static async Task<ChaosRun> StartAsync(SitePlan site, ChaosPlan plan, TimeProvider time, CancellationToken cancel)
    {
        var run = new ChaosRun(await ChaosSite.StartAsync(site, time, cancel), plan);
        foreach (var tenant in Tenants)
            await run.PeopleAsync(tenant, cancel);
        return run;
    }

    /// <summary>Everybody lives while faults strike; then all are healed. Returns how often each fault struck.</summary>
    public async Task<IReadOnlyDictionary<string, int>> StormAsync(CancellationToken cancel)
    {
        var faults = FaultTable.Of(_site, _devices, _plan.Faults, new Random(_plan.Seed), out var skipped);
        foreach (var reason in skipped)
            Console.Error.WriteLine("skipped " + reason);
        if (_plan.Redis != "well")
            faults = [.. faults.Where(fault => fault.Victim != "redis")];
        using var stop = new CancellationTokenSource(_plan.Duration, _site.Time);
        var living = _devices.Select(device => device.LiveAsync([.. Readers.Where(reader => reader.Device == device).Select(reader => reader.Id)], stop.Token))
            .Concat(_backends.Select(backends => backends.LiveAsync(stop.Token)))
            .ToArray();
        var storm = new FaultStorm(faults, _plan.Seed, _site.Time);
        var redis = RedisThroughoutAsync(stop.Token, cancel);
        await storm.RunAsync(stop.Token, cancel);
        await redis;
        _healed = _site.Time.GetTimestamp();
        foreach (var device in _devices)
            device.BackOnline();
        _living = Task.WhenAll(living);
        return storm.Struck;
    }

    /// <summary>
    /// What was begun is finished, now that everything is whole: a backend whose request hung in a dead network hears so only after its own patience. And
    /// what went by the Redis stream, which is as safe as Redis was, its backends send again. All of that has to arrive, too.
    /// </summary>
    public async Task EndAsync()
    {
        await _living;
        foreach (var backends in _backends)
            await backends.StreamAgainAsync();
        _healed = _site.Time.GetTimestamp();
    }

    /// <summary>How many devices were not up to date in time, and how long after healing all were.</summary>
    public async Task<(int Unconverged, double Milliseconds)> ConvergeAsync(CancellationToken cancel)
    {
        var began = _healed;
        int? late = null;
        while (true)
        {
            var behind = Behind();
            var passed = _site.Time.GetElapsedTime(began);
            if (behind.Count == 0)
                return (late ?? 0, passed.TotalMilliseconds);
            if (late is null && passed > Convergence)
            {
                late = behind.Count;
                foreach (var (device, why) in behind)
                    Console.Error.WriteLine($"late: {device.Tenant} {device.Name}: {why}");
            }
            if (passed > Patience)
                return (behind.Count, passed.TotalMilliseconds);
            await Task.Delay(Look, _site.Time, cancel);
        }
    }

    /// <summary>Reads the logs as a witness and compares.</summary>
    public async Task<Findings> CheckAsync(CancellationToken cancel)
    {
        var logs = new List<WitnessedLog>();
        foreach (var tenant in Tenants)
        {
            foreach (var id in Conversations)
                logs.Add(await Witness.ReadAsync(_site, tenant, MembersOf(id)[0], id, cancel));
        }
        return HistoryCheck.Of(Spoken, logs, [.. Readers]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.DisposeAsync();
        foreach (var backends in _backends)
            await backends.DisposeAsync();
        await _site.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] MembersOf(string id)
    {
        var first = Array.IndexOf(Conversations, id);
        return [.. Enumerable.Range(0, MembersEach).Select(n => $"person-{(first + n) % PeopleEach}")];
    }

    private async Task PeopleAsync(string tenant, CancellationToken cancel)
    {
        for (var person = 0; person < PeopleEach; person++)
        {
            // The first has two devices.
            for (var device = 0; device < (person == 0 ? 2 : 1); device++)
            {
                var name = $"person-{person}.{device}";
                _devices.Add(await ChaosDevice.StartAsync(
                    _site, Spoken, tenant, $"person-{person}", name, Path.Combine(_folder, tenant), _plan.Seed + _devices.Count, cancel));
            }
        }
        foreach (var id in Conversations)
        {
            var members = MembersOf(id);
            var creator = _devices.First(device => device.Tenant == tenant && device.User == members[0]);
            var made = await creator.Client.Conversation(id).CreateAsync(null, members[1..].Select(user => new NewMember(user, MemberRole.Member)), cancel);
            await made.Committed.WaitAsync(cancel);
        }
        foreach (var (device, id) in Readers.Where(reader => reader.Device.Tenant == tenant))
            device.Read(id);
        _backends.Add(new Backends(_site, Spoken, tenant, [.. Conversations.Select(TopicName.Conversation)]));
    }

    private async Task RedisThroughoutAsync(CancellationToken stop, CancellationToken cancel)
    {
        if (_plan.Redis == "well" || _site.Site.Redis is not { } redis)
            return;
        if (_plan.Redis == "dead")
            await redis.Process.KillAsync();
        while (!stop.IsCancellationRequested)
        {
            if (_plan.Redis == "flushed")
                await RedisFaults.FlushAsync(redis);
            await Task.Delay(TimeSpan.FromSeconds(1), _site.Time, CancellationToken.None);
        }
        if (_plan.Redis == "dead")
            await redis.RestartAsync(cancel);
    }

    // Who has something to send, or has not been shown what others were.
    private List<(ChaosDevice Device, string Why)> Behind()
    {
        var behind = new List<(ChaosDevice, string)>();
        foreach (var device in _devices.Where(device => device.Client.Status.QueuedCommands > 0))
            behind.Add((device, $"{device.Client.Status.QueuedCommands} queued, {device.Client.Status.Current}"));
        foreach (var same in Readers.GroupBy(reader => (reader.Device.Tenant, reader.Id)))
        {
            var said = Spoken.Acknowledged.Count(text => text.Value == TopicName.Conversation(same.Key.Id) && Spoken.Parse(text.Key).Tenant == same.Key.Tenant);
            foreach (var (device, id) in same)
            {
                var shown = device.Shown(id).Count(seen => seen.Text.Length > 0);
                if (shown < said)
                    behind.Add((device, $"shown {shown} of {said} in {id}, {device.Client.Status.Current}"));
            }
        }
        return behind;
    }
}
