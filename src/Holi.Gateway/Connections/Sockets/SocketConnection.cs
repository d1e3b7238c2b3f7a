using System.Net;
using System.Net.WebSockets;
using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// A <see cref="DeviceConnection"/> and its WebSocket. Three may be at work: its one reading task (SocketLoop.cs), a pump that runs only while there
/// is something to send, and a read of the log that comes back; one lock, never held across an await, lets them into the connection one
/// at a time. While it is quiet it holds no buffer, no timer and no task but its read.
/// </summary>
internal sealed partial class SocketConnection : IConnectionHost, IThreadPoolWorkItem
{
    private const int Idle = 0, Running = 1, Again = 2;

    private readonly GatewayNode _node;
    private readonly WebSocket _socket;
    private readonly IPAddress _address;
    private readonly Lock _lock = new();
    private readonly CommitNotes _notes = new();
    private readonly DeviceConnection _connection;
    private int _pump;
    private bool _isAuthenticated;
    private volatile bool _isOver;
    private volatile HoliCode _closeCode;
    // Monotonic ticks; 0: not now. Written by the pump, read by the sweep.
    private long _sendingSince, _closeSentAt, _deadline;

    public SocketConnection(GatewayNode node, WebSocket socket, IPAddress counted)
    {
        _node = node;
        _socket = socket;
        _address = counted;
        var now = node.Now;
        _connection = new DeviceConnection(this, node.Around, now);
        _deadline = _connection.NextDeadline.Ticks;
    }

    /// <summary>What the device's end of it is; for status. Read without the lock: a number that is a moment old.</summary>
    public int PendingBytes(Lane lane) => _connection.PendingBytes(lane);

    /// <summary>Closes it if it was opened with this token.</summary>
    public void CloseIfTokenIs(string tokenId)
    {
        Enter(now =>
        {
            if (_connection.Identity?.TokenId == tokenId)
                _connection.Fail(HoliCode.TokenRevoked);
        });
    }

    public void Drain() => Enter(_connection.Drain);

    /// <summary>Looks at what is due; called once a second.</summary>
    public void Sweep(Instant now)
    {
        var sendingSince = Volatile.Read(ref _sendingSince);
        var closing = _closeCode != HoliCode.None || _connection.CloseWanted != HoliCode.None;
        var patience = closing ? _node.Limits.CloseTimeout : _node.Limits.SendTimeout;
        var closeSentAt = Volatile.Read(ref _closeSentAt);
        if ((sendingSince != 0 && now.Since.Ticks - sendingSince > patience.Ticks)
            || (closeSentAt != 0 && now.Since.Ticks - closeSentAt > _node.Limits.CloseTimeout.Ticks))
        {
            Cut(closing ? _closeCode : HoliCode.TooSlow);
            return;
        }
        if (now.Since.Ticks >= Volatile.Read(ref _deadline))
            Enter(_connection.Poll);
    }

    public bool Submit(CommitInput input)
    {
        _node.Traces?.Received(input);
        if (_node.Committer.Submit(input))
            return true;
        MessageTraces.Refused(input, HoliCode.Overloaded);
        return false;
    }

    public void Authenticate(string token)
    {
        var verdict = _node.Tokens.VerifyAsync(token);
        if (verdict.IsCompletedSuccessfully)
            // Called from within the connection, under its lock.
            _connection.OnAuthenticated(verdict.Result, _node.Now);
        else
            _ = AnswerAsync(verdict.AsTask());

        async Task AnswerAsync(Task<TokenVerdict> pending)
        {
            var result = await pending.ConfigureAwait(false);
            Enter(now => _connection.OnAuthenticated(result, now));
        }
    }

    public void ReadMemberships(string tenant, string user) =>
        Read((store, cancel) => store.ReadMembershipsAsync(tenant, user, cancel), _connection.OnMemberships);

    public void ReadMembership(string tenant, string user, string topicName) =>
        Read((store, cancel) => store.ReadMembershipAsync(tenant, user, topicName, cancel), _connection.OnMembership);

    public void ReadRefusals(long deviceId, uint generation, ulong after, ulong through) =>
        Read((store, cancel) => store.ReadRefusalsAsync(deviceId, generation, after, through, cancel), _connection.OnRefusals);

    public void ReadEvents(long topicId, ulong after, int countMax, int bytesMax) =>
        Read((store, cancel) => store.ReadEventsAsync(topicId, after, countMax, bytesMax, cancel), _connection.OnEvents);

    public void ReadHistory(long topicId, ulong first, ulong before, int countMax, int bytesMax) =>
        Read((store, cancel) => store.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, cancel), _connection.OnHistory);

    public void ReadRoster(long topicId) =>
        Read((store, cancel) => RosterRead.ReadAsync(store, topicId, cancel), _connection.OnRoster);

    public void FindCheck(long deviceId, uint generation, ulong seq) =>
        Read((store, cancel) => store.FindCheckAsync(deviceId, generation, seq, cancel), _connection.OnCheck);

    public void Close(HoliCode code)
    {
        _closeCode = code;
        Wake();
    }

    public void Wake()
    {
        if (Interlocked.Exchange(ref _pump, Again) == Idle && !NewsRound.TryJoin(this))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void ICommitSource.Opened(in DeviceOpened opened)
    {
        _notes.Opened(opened);
        Wake();
    }

    void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        _notes.Committed(committed, refusals);
        Wake();
    }

    void ICommitSource.Refused(HoliCode code)
    {
        _notes.Refused(code);
        Wake();
    }

    private void Read<T>(Func<ILogStore, CancellationToken, ValueTask<T>> read, Action<T, Instant> answer) =>
        _node.Reads.Add(async () =>
        {
            if (_isOver)
                return;
            try
            {
                var result = await read(_node.Store, _node.Stopping).ConfigureAwait(false);
                Enter(now => answer(result, now));
            }
            catch (StoreUnavailableException)
            {
                Enter(_ => _connection.Fail(HoliCode.StorageUnavailable));
            }
            catch (OperationCanceledException)
            {
                Enter(_ => _connection.Fail(HoliCode.GoingAway));
            }
        });

    // Lets the caller into the connection, and the pump look at what came of it.
    private void Enter(Action<Instant> act)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            var now = _node.Now;
            _notes.PassTo(_connection, now);
            act(now);
            Left();
        }
        Wake();
    }

    private void Left()
    {
        Volatile.Write(ref _deadline, _connection.NextDeadline.Ticks);
        if (_isAuthenticated || _connection.State is not GatewayState.Ready)
            return;
        _isAuthenticated = true;
        _node.Admissions.Authenticated(_address);
    }

    /// <summary>Ends the socket at once: it cannot be spoken to any more, so no close frame would get through.</summary>
    public void Cut(HoliCode code)
    {
        if (_closeCode == HoliCode.None)
            Enter(_ => _connection.Fail(code));
        _socket.Abort();
    }
}
