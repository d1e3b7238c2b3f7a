using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Simulation.Gateway;

/// <summary>The shell around a <see cref="DeviceConnection"/>, as Connections/SocketConnection.cs is, in virtual time.</summary>
internal sealed class SimConnection : IConnectionHost
{
    private readonly SimGateway _gateway;
    private readonly SimLink _link;
    private readonly CommitNotes _notes = new();
    private readonly ArrayBufferWriter<byte> _message = new();
    private readonly WireTap _tap;
    private bool _pumpSet, _isOver, _isCloseSent;
    private HoliCode _closeCode;
    private int _membershipReads;

    public SimConnection(SimGateway gateway, SimLink link)
    {
        (_gateway, _link) = (gateway, link);
        _tap = new WireTap(gateway.Run, this);
        Machine = new DeviceConnection(this, gateway.Around, gateway.Now);
    }

    public string Name => _gateway.Cluster is null ? _link.Name : $"{_link.Name}@{_gateway.Place}";

    /// <inheritdoc cref="SimGateway.Place"/>
    public int Place => _gateway.Place;

    public DeviceConnection Machine { get; }

    /// <summary>How far the gateway has published a topic; 0 where it knows none.</summary>
    public ulong PublishedOf(long topicId)
    {
        var known = new List<Hole>();
        _gateway.Hub.CopyHeads(0, int.MaxValue, known);
        return known.Find(hole => hole.Topic?.TopicId == topicId).After;
    }

    public bool IsOver => _isOver;

    /// <inheritdoc cref="SimLink.IsOfThePast"/>
    public bool IsOfThePast => _link.IsOfThePast;

    public bool IsReading => !_isOver && _gateway.Process is { IsAlive: true, IsStopped: false };

    public void Receive(byte[] message)
    {
        if (_isOver || _isCloseSent)
            return;
        _gateway.Run.History.Mix(message);
        Enter(now =>
        {
            _tap.In(message);
            Machine.Receive(new ReadOnlySequence<byte>(message), now);
        });
    }

    public void Poll()
    {
        if (Machine.NextDeadline <= _gateway.Run.Time.Now)
            Enter(Machine.Poll);
    }

    public void Drain() => Enter(Machine.Drain);

    /// <summary>The socket can take something, or there is something for it.</summary>
    public void Pump()
    {
        if (_pumpSet || _isOver)
            return;
        _pumpSet = true;
        _gateway.Process.After(_gateway.Random.Duration(0.001, 0.2), () =>
        {
            _pumpSet = false;
            _gateway.Run.Guard("a gateway's connection", Fill);
        });
    }

    /// <summary>The socket is over, whoever ended it.</summary>
    public void SocketOver()
    {
        _gateway.Process.Run(() =>
        {
            if (_isOver)
                return;
            _isOver = true;
            Machine.Closed();
            _gateway.Connections.Remove(this);
        });
    }

    public bool HasRoom => _gateway.Committer.Inbox.HasRoom;

    public bool Submit(CommitInput input) => _gateway.Committer.Submit(
        input is OpenDevice open && _gateway.Run.Bug == PlantedBug.NewestHelloWins ? open with { Opening = 0 } : input);

    public void Authenticate(string token)
    {
        var verdict = SimToken.Verify(token, _gateway.Run.Time.UnixMs);
        if (_gateway.Random.Chance(0.5))
            Machine.OnAuthenticated(verdict, _gateway.Now);
        else
            _gateway.Process.After(_gateway.Random.Duration(0.1, 20), () => Enter(now => Machine.OnAuthenticated(verdict, now)));
    }

    public void ReadMemberships(string tenant, string user)
    {
        if (_membershipReads++ > 0)
            _gateway.Run.Saw(Sight.MembershipReadAgain);
        Read(store => store.ReadMembershipsAsync(tenant, user, default), Machine.OnMemberships);
    }

    public void ReadMembership(string tenant, string user, string topicName) =>
        Read(store => store.ReadMembershipAsync(tenant, user, topicName, default), Machine.OnMembership);

    public void ReadRefusals(long deviceId, uint generation, ulong after, ulong through) =>
        Read(store => store.ReadRefusalsAsync(deviceId, generation, after, through, default), Machine.OnRefusals);

    public void ReadEvents(long topicId, ulong after, int countMax, int bytesMax)
    {
        _tap.ReadEvents(topicId);
        Read(store => store.ReadEventsAsync(topicId, after, countMax, bytesMax, default), Machine.OnEvents);
    }

    public void ReadHistory(long topicId, ulong first, ulong before, int countMax, int bytesMax) =>
        Read(store => store.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, default), Machine.OnHistory);

    public void ReadRoster(long topicId) => Read(store => RosterRead.ReadAsync(store, topicId, default), Machine.OnRoster);

    public void FindCheck(long deviceId, uint generation, ulong seq) =>
        Read(store => store.FindCheckAsync(deviceId, generation, seq, default), Machine.OnCheck);

    public void Wake() => Pump();

    public void Close(HoliCode code)
    {
        _closeCode = code;
        Pump();
    }

    void ICommitSource.Opened(in DeviceOpened opened)
    {
        // Two gateways may hear of two openings in another order than the log had them.
        if (opened.Code == HoliCode.None && opened.Fence > _gateway.Run.Speakers.GetValueOrDefault(_tap.Device).Fence)
            _gateway.Run.Speakers[_tap.Device] = new Speaker(_link.Disk, opened.Fence, _gateway.Place);
        _notes.Opened(opened);
        Pump();
    }

    void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        _notes.Committed(committed, refusals);
        Pump();
    }

    void ICommitSource.Refused(HoliCode code)
    {
        _notes.Refused(code);
        Pump();
    }

    private void Read<T>(Func<ILogStore, ValueTask<T>> read, Action<T, Instant> answer) =>
        _gateway.Process.After(_gateway.Random.Duration(0.02, 5), () =>
        {
            if (!_isOver)
                _ = ReadAsync(read, answer);
        });

    private async Task ReadAsync<T>(Func<ILogStore, ValueTask<T>> read, Action<T, Instant> answer)
    {
        try
        {
            var result = await read(_gateway.Store).ConfigureAwait(false);
            _gateway.Process.After(_gateway.Random.Duration(0.02, 5), () => Enter(now => answer(result, now)));
        }
        catch (StoreUnavailableException)
        {
            Enter(_ => Machine.Fail(HoliCode.StorageUnavailable));
        }
    }

    private void Enter(Action<Instant> act)
    {
        if (_isOver)
            return;
        _gateway.Run.Guard("a gateway's connection", () =>
        {
            var now = _gateway.Now;
            _notes.PassTo(Machine, now);
            act(now);
        });
        Pump();
    }

    private void Fill()
    {
        while (!_isOver && !_isCloseSent)
        {
            if (!_link.Down.HasRoom)
            {
                _gateway.Run.Saw(Sight.SlowReaderBlocked);
                break;
            }
            _message.ResetWrittenCount();
            var now = _gateway.Now;
            _notes.PassTo(Machine, now);
            if (!Machine.TryFill(_message, now))
                break;
            var message = _tap.Out(_message.WrittenSpan.ToArray());
            if (message.Length > 0)
                _link.Down.Send(message);
        }
        Judge();
        if (_closeCode == HoliCode.None || _isCloseSent || _isOver)
            return;
        _isCloseSent = true;
        _tap.Closed(_closeCode);
        _link.CloseByGateway((int)_closeCode);
        _gateway.Process.After(_gateway.Random.Duration(5, 2_000), _link.EndAtGateway);
    }

    private void Judge()
    {
        for (var lane = Lane.Control; lane <= Lane.Bulk; lane++)
        {
            if (Machine.PendingBytes(lane) > _gateway.Around.Limits.LaneBytes + WireLimits.FrameBytesMax)
                _gateway.Run.Fail('B', $"Lane {lane} holds {Machine.PendingBytes(lane)} bytes.");
        }
    }
}
