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
    private static readonly TimeSpan Converged = TimeSpan.FromSeconds(5);

    // What the gateway's ClusterLimits state: presence is right 5 to 8 s after whatever happened to it.
    private static readonly TimeSpan PresenceStated = TimeSpan.FromSeconds(8);

    private readonly ChaosSite _site;
    private readonly ChaosPlan _plan;
    private readonly string _folder = Directory.CreateTempSubdirectory("holi-chaos-").FullName;
    private readonly List<ChaosDevice> _devices = [];
    private readonly List<Backends> _backends = [];
    private readonly List<Reminders> _reminders = [];
    private readonly List<Guest> _guests = [];
    private readonly HashSet<ChaosDevice> _gone = [];
    private Task _living = Task.CompletedTask;
    private long _healed;

    private ChaosRun(ChaosSite site, ChaosPlan plan) => (_site, _plan) = (site, plan);

    public Spoken Spoken { get; } = new();

    private static string[] Conversations { get; } = [.. Enumerable.Range(0, ConversationsEach).Select(n => $"ward-{n}")];

    private IEnumerable<(ChaosDevice Device, string Id)> Readers =>
        from device in _devices from id in Conversations where MembersOf(id).Contains(device.User) select (device, id);

    /// <summary>Events that people were shown who came and went.</summary>
    public int ShownToGuests => _guests.Sum(guest => guest.Device.Shown(guest.Id).Count);

    private PeopleCheck People => new([.. Readers], device => !_gone.Contains(device));

    public static async Task<ChaosRun> StartAsync(SitePlan site, ChaosPlan plan, TimeProvider time, CancellationToken cancel)
    {
        var run = new ChaosRun(await ChaosSite.StartAsync(site, plan, time, cancel), plan);
        foreach (var tenant in Tenants)
            await run.PeopleAsync(tenant, cancel);
        return run;
    }

    /// <summary>Everybody lives while faults strike; then all are healed. Returns how often each fault struck, and how many could not be.</summary>
    public async Task<(IReadOnlyDictionary<string, int> Struck, int Skipped)> StormAsync(CancellationToken cancel)
    {
        var faults = FaultTable.Of(_site, _devices, _plan.Faults, new Random(_plan.Seed), out var skipped);
        if (_plan.Redis != RedisCondition.Well)
            skipped = [.. skipped, "redis-*: Redis is in trouble all the time"];
        foreach (var reason in skipped)
            Console.Error.WriteLine("skipped " + reason);
        using var over = new CancellationTokenSource(_plan.Duration, _site.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancel);
        await using var trouble = await RedisTrouble.BeginAsync(_site.Site.Redis, _plan.Redis, _site.Time);
        var living = _devices.Select(device => device.LiveAsync([.. Readers.Where(reader => reader.Device == device).Select(reader => reader.Id)], stop.Token))
            .Concat(_backends.Select(backends => backends.LiveAsync(stop.Token)))
            .Concat(_reminders.Select(reminders => reminders.LiveAsync(stop.Token)))
            .Concat(_guests.Select(guest => guest.LiveAsync(stop.Token)))
            .ToArray();
        var storm = new FaultStorm([.. faults.Where(fault => trouble is null || fault.Victim != "redis")], _plan.Seed, _site.Time);
        await storm.RunAsync(stop.Token, cancel);
        cancel.ThrowIfCancellationRequested();
        if (trouble is not null)
            await trouble.EndAsync(cancel);
        foreach (var front in _site.Fronts)
            front.CutWhatLost();
        _healed = _site.Time.GetTimestamp();
        foreach (var device in _devices.Concat(_guests.Select(guest => guest.Device)))
            device.BackOnline();
        _living = Task.WhenAll(living);
        return (storm.Struck, skipped.Count);
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
    public Task<(int Late, double Milliseconds)> ConvergeAsync(CancellationToken cancel) =>
        new Settling(Converged, _site.Time).WaitAsync(_healed, "devices", Behind, cancel);

    /// <summary>The same of receipts.</summary>
    public Task<(int Late, double Milliseconds)> ReceiptsAsync(CancellationToken cancel) =>
        new Settling(Converged, _site.Time).WaitAsync(_healed, "receipts", () => People.WrongPositions(), cancel);

    /// <summary>
    /// The same of presence: first everybody is here. Then one person of each tenant leaves, and another does with one of two devices, which nobody may notice.
    /// </summary>
    public async Task<(int Late, double Milliseconds)> PresenceAsync(CancellationToken cancel)
    {
        // Gateways that cannot tell each other do not know of each other's people.
        if (_site.Site.Nodes.Count > 1 && _site.Site.Redis is null)
            return default;
        var settling = new Settling(PresenceStated, _site.Time);
        var (here, _) = await settling.WaitAsync(_healed, "presence", () => People.WrongPresence(), cancel);
        var left = _site.Time.GetTimestamp();
        foreach (var device in _devices.Where(device => device.Name is "person-0.1" or "person-1.0"))
        {
            _gone.Add(device);
            await device.DisposeAsync();
        }
        var (away, milliseconds) = await settling.WaitAsync(left, "presence", () => People.WrongPresence(), cancel);
        return (here + away, milliseconds);
    }

    /// <summary>The same of guests: each is invited once more and has to be shown the conversation; then dismissed, and has to hear of it.</summary>
    public async Task<(int Late, double Milliseconds)> GuestsAsync(CancellationToken cancel)
    {
        var settling = new Settling(Converged, _site.Time);
        var invited = _site.Time.GetTimestamp();
        foreach (var guest in _guests)
            await guest.InviteAsync();
        var (waiting, milliseconds) = await settling.WaitAsync(invited, "guests", () => Where(guest => !guest.IsShown), cancel);
        var dismissed = _site.Time.GetTimestamp();
        foreach (var guest in _guests)
            await guest.DismissAsync();
        var (staying, _) = await settling.WaitAsync(dismissed, "guests", () => Where(guest => !guest.IsGone), cancel);
        return (waiting + staying, milliseconds);

        List<string> Where(Func<Guest, bool> isWrong) =>
            [.. _guests.Where(isWrong).Select(guest => $"{guest.Device.Tenant} {guest.Device.Name}: {guest.Device.Client.Conversation(guest.Id).Summary}, {guest.Device.Client.Status.Current}")];
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
        return HistoryCheck.Of(Spoken, logs, [.. Readers], _guests);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices.Concat(_guests.Select(guest => guest.Device)))
            await device.DisposeAsync();
        foreach (var backends in _backends)
            await backends.DisposeAsync();
        foreach (var reminders in _reminders)
            reminders.Dispose();
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
        {
            device.Read(id);
            await device.WatchAsync(id, cancel);
        }
        var guest = await ChaosDevice.StartAsync(
            _site, Spoken, tenant, Guest.User, Guest.User, Path.Combine(_folder, tenant), _plan.Seed + _devices.Count, cancel);
        guest.Read(Conversations[0]);
        var host = _devices.First(device => device.Tenant == tenant && device.User == MembersOf(Conversations[0])[0]);
        _guests.Add(new Guest(guest, host.Client.Conversation(Conversations[0]), _plan.Seed, _site.Time));
        string[] topics = [.. Conversations.Select(TopicName.Conversation)];
        _backends.Add(new Backends(_site, Spoken, tenant, topics));
        _reminders.Add(new Reminders(_site, Spoken, tenant, topics, _plan.Seed));
    }

    // Who has something to send, or has not been shown what others were.
    private List<string> Behind()
    {
        var behind = _devices.Where(device => device.Client.Status.QueuedCommands > 0)
            .Select(device => $"{device.Tenant} {device.Name}: {device.Client.Status.QueuedCommands} queued, {device.Client.Status.Current}")
            .ToList();
        foreach (var same in Readers.GroupBy(reader => (reader.Device.Tenant, reader.Id)))
        {
            var said = Spoken.Acknowledged.Count(text => text.Value == TopicName.Conversation(same.Key.Id) && Spoken.Parse(text.Key).Tenant == same.Key.Tenant);
            foreach (var (device, id) in same)
            {
                var shown = device.Shown(id).Count(seen => seen.Text.Length > 0);
                if (shown < said)
                    behind.Add($"{device.Tenant} {device.Name}: shown {shown} of {said} in {id}, {device.Client.Status.Current}");
            }
        }
        return behind;
    }
}
