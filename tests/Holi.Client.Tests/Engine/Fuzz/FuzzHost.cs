using System.Buffers;
using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Engine.Fuzz;

/// <summary>
/// One device against the model gateway, over a wire that loses its tail when it is cut, on a disk that may fail, in an app that may die:
/// all by one seed. What the device calls queued is written down, and compared at the end with what the gateway has.
/// </summary>
internal sealed class FuzzHost : IEngineHost, IDisposable
{
    private static readonly HoliCode[] Closes = [HoliCode.GoingAway, HoliCode.TokenExpired, HoliCode.Overloaded, HoliCode.Silent];

    private readonly Random _random;
    private readonly ModelGateway _gateway;
    private readonly List<Action> _due = [];
    private readonly Queue<byte[]> _up = new();
    private readonly Queue<byte[]> _down = new();
    private readonly List<string> _queued = [];
    private MemoryDeviceStore _store = new();
    private (MemoryDeviceStore Store, int Queued)? _backup;
    private DeviceEngine _engine;
    private IReadOnlyList<StoreWrite>? _batch;
    private TimeSpan _now = TimeSpan.FromHours(1);
    private int _connection;
    private int _life;
    private int _texts;
    private bool _isOpen;
    private bool _heals;

    public FuzzHost(int seed)
    {
        _random = new Random(seed);
        _gateway = new ModelGateway(_random);
        _engine = Begin();
    }

    public Dictionary<string, int> Seen { get; } = [];

    private EngineTime Time => new(_now, 1_700_000_000_000 + (long)_now.TotalMilliseconds);

    public void Dispose() => _store.Dispose();

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
            Step();
        Heal();
        Check();
    }

    void IEngineHost.Connect(int connection) => (_connection, _isOpen) = (connection, false);

    void IEngineHost.Drop(int connection, HoliCode code)
    {
        ((int)code is < 4400 or >= 4500).ShouldBeTrue($"the engine blames the gateway: {code}");
        CutWire();
    }

    void IEngineHost.Write(IReadOnlyList<StoreWrite> batch)
    {
        _batch.ShouldBeNull();
        _batch = batch;
    }

    void IEngineHost.ReadOutbox(int read, ulong after, int countMax, int bytesMax)
    {
        var life = _life;
        _due.Add(() =>
        {
            if (life == _life)
                _engine.OnOutboxRead(read, _store.ReadOutbox(after, Math.Min(countMax, 1 + _random.Next(40)), bytesMax), Time);
        });
    }

    void IEngineHost.FetchToken()
    {
        var life = _life;
        _due.Add(() =>
        {
            if (life == _life)
                _engine.OnToken("token", Time);
        });
    }

    void IEngineHost.Notify(EngineNotice notice)
    {
        if (notice is CommandQueued { Request: { Type: MessageTypes.MessagePost } request })
            _queued.Add((string)request.Tag!);
        if (notice is ProblemMet problem)
            Count(problem.Code.ToString());
    }

    private DeviceEngine Begin()
    {
        var options = new EngineOptions { User = "ana", Backlog = 1_000_000, Limits = new EngineLimits { PageCommands = 16, FloorStep = 10, DropCommandsAtOnce = 5 } };
        var engine = new DeviceEngine(options, this, _random.NextDouble, StoreContent.Read(_store), Time);
        _engine = engine;
        engine.Start(Time);
        return engine;
    }

    private void Step()
    {
        switch (_random.Next(100))
        {
            case < 20: Queue(); break;
            case < 24: _engine.Queue(new QueueRequest(ModelGateway.Ward, MessageTypes.ReadMark, new ReadMark((ulong)_random.Next(1, 50)).ToBytes()), Time); break;
            case < 28: _gateway.Post($"other {_texts++}"); break;
            case < 88: Progress(_random.Next(1, 12)); break;
            case < 92: Pass(TimeSpan.FromMilliseconds(_random.Next(2_000))); break;
            case < 93: Pass(TimeSpan.FromSeconds(_random.Next(40))); break;
            case < 95: CutFrom(); break;
            case < 96: Crash(); break;
            case < 97: BackUp(); break;
            case < 98: Restore(); break;
            case < 99: _engine.NetworkAvailable(Time); break;
            default: CloseWith(Closes[_random.Next(Closes.Length)]); break;
        }
    }

    // What would happen by itself, in any order.
    private void Progress(int steps)
    {
        for (; steps > 0; steps--)
        {
            switch (_random.Next(6))
            {
                case 0: FinishBatch(fail: _random.Next(200) == 0); break;
                case 1: RunDue(); break;
                case 2: FromEngine(); break;
                case 3: ToGateway(); break;
                case 4: FromGateway(all: false); break;
                default: ToEngine(); break;
            }
        }
    }

    private void Queue()
    {
        var text = $"{_texts++}{(_random.Next(15) == 0 ? " no" : "")}{(_random.Next(10) == 0 ? new string('x', _random.Next(8_000)) : "")}";
        _engine.Queue(new QueueRequest(ModelGateway.Ward, MessageTypes.MessagePost, new MessagePost(text).ToBytes(), text), Time);
    }

    private void FinishBatch(bool fail)
    {
        if (_batch is not { } batch)
            return;
        _batch = null;
        if (fail && !_heals)
        {
            Count("disk failed");
            _engine.OnWriteFailed(new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left."), Time);
            return;
        }
        _store.Write(batch);
        if (batch[0] is StartGeneration)
            Count("generation");
        _engine.OnWritten(batch[0] is StartGeneration ? _store.ReadIdentity() : null, Time);
    }

    private void RunDue()
    {
        if (!_isOpen && _connection > 0)
        {
            _isOpen = true;
            _gateway.Connect();
            _engine.OnOpened(_connection, Time);
        }
        if (_due.Count == 0)
            return;
        var next = _due[0];
        _due.RemoveAt(0);
        next();
    }

    private void FromEngine()
    {
        var output = new ArrayBufferWriter<byte>();
        if (_isOpen && _engine.TryFill(output, Time))
            _up.Enqueue(output.WrittenSpan.ToArray());
    }

    private void ToGateway()
    {
        if (!_gateway.IsConnected || !_up.TryDequeue(out var message))
            return;
        var code = _gateway.Receive(new(message));
        if (code != HoliCode.None)
            CloseWith(code);
    }

    private void FromGateway(bool all)
    {
        if (_gateway.IsConnected && _gateway.Step(all) is { } message)
            _down.Enqueue(message);
    }

    private void ToEngine()
    {
        if (_engine.MayReceive && _down.TryDequeue(out var message))
            _engine.OnMessage(_connection, new(message), Time);
    }

    private void Pass(TimeSpan span)
    {
        _now += span;
        for (var polls = 0; _engine.NextDeadline <= _now; polls++)
        {
            polls.ShouldBeLessThan(1_000);
            _engine.Poll(Time);
        }
    }

    private void CutFrom()
    {
        if (!_isOpen)
            return;
        Count("cut");
        // The gateway may have got some of what was on its way.
        while (_up.Count > 0 && _random.Next(2) == 0)
            ToGateway();
        var connection = _connection;
        CutWire();
        _engine.OnClosed(connection, 0, Time);
    }

    private void CloseWith(HoliCode code)
    {
        if (!_isOpen)
            return;
        Count(code.ToString());
        var connection = _connection;
        CutWire();
        _engine.OnClosed(connection, (int)code, Time);
    }

    private void CutWire()
    {
        _gateway.Cut();
        _up.Clear();
        _down.Clear();
        (_connection, _isOpen) = (0, false);
    }

    // The app dies: what was at the store is there or not, nobody knows; what was not is gone.
    private void Crash()
    {
        Count("crash");
        CutWire();
        _life++;
        _due.Clear();
        if (_batch is { } batch && _random.Next(2) == 0)
        {
            _store.Write(batch);
            // On disk, though nobody was told.
            foreach (var queue in batch.OfType<QueueCommand>())
            {
                if (MessagePost.TryRead(new(queue.Command.Payload), out var post) && queue.Command.Type == MessageTypes.MessagePost)
                    _queued.Add(post.Text);
            }
        }
        _batch = null;
        Begin();
    }

    // What was queued before the first Hello has no identity yet: a copy from then is the one thing the protocol cannot tell from new.
    private void BackUp()
    {
        if (_store.ReadIdentity().Generation != 0)
            _backup = (_store.Clone(), _queued.Count);
    }

    // An older copy of the device comes back: what it queued since is gone with it, unless the gateway had it already.
    private void Restore()
    {
        if (_backup is not { } backup)
            return;
        Count("restore");
        _gateway.HadRestore = true;
        CutWire();
        _life++;
        _due.Clear();
        _batch = null;
        _store = backup.Store;
        _backup = null;
        var committed = Texts().ToHashSet();
        for (var i = _queued.Count - 1; i >= backup.Queued; i--)
        {
            if (!committed.Contains(_queued[i]) && !_gateway.Refused.Contains(_queued[i]))
                _queued.RemoveAt(i);
        }
        Begin();
    }

    private void Heal()
    {
        _heals = true;
        Seen["committed before healing"] = _gateway.Log.Count;
        for (var round = 0; round < 400; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                FinishBatch(fail: false);
                RunDue();
                FromEngine();
                ToGateway();
                FromGateway(all: true);
                ToEngine();
            }
            Pass(TimeSpan.FromMilliseconds(500));
            // What was broken before may have earned a long wait.
            if (_engine.State is ConnectionState.Waiting or ConnectionState.Stopped)
                _engine.ConnectNow(Time);
        }
    }

    private void Check()
    {
        _engine.State.ShouldBe(ConnectionState.Ready);
        _store.ReadOutboxSize().Count.ShouldBe(0, "the outbox is empty");
        var texts = Texts().Where(t => !t.StartsWith("other", StringComparison.Ordinal)).ToList();
        texts.Count.ShouldBe(texts.Distinct().Count(), "nothing took effect twice: " + string.Join(" ", texts.GroupBy(t => t).Where(g => g.Count() > 1).Select(g => g.Key.Length > 9 ? g.Key[..9] : g.Key)));
        var expected = _queued.Where(t => !_gateway.Refused.Contains(t)).ToList();
        expected.Except(texts).ShouldBeEmpty("nothing that was called queued is lost");
        texts.Except(expected).ShouldBeEmpty("nothing came from nowhere");
        // A restored device says again what it had queued, behind what its later self had said: order is promised within a life of the device.
        if (!Seen.ContainsKey("restore"))
            texts.ShouldBe([.. texts.OrderBy(NumberOf)], customMessage: "in order");
        var replica = _store.ReadEvents(ModelGateway.Ward, 0, int.MaxValue);
        replica.Select(e => e.Offset).ShouldBe(Enumerable.Range(1, _gateway.Log.Count).Select(i => (ulong)i));
        replica.Zip(_gateway.Log).ShouldAllBe(pair => pair.First.Payload.SequenceEqual(pair.Second));
    }

    private static int NumberOf(string text) =>
        int.Parse(new string([.. text.TakeWhile(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture);

    private IEnumerable<string> Texts() => _gateway.Log.Select(p => MessagePost.TryRead(new(p), out var post) ? post!.Text : "?");

    private void Count(string what) => Seen[what] = Seen.GetValueOrDefault(what) + 1;
}
