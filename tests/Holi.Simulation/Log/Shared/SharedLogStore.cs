using Holi.Gateway.Storage;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;

namespace Holi.Simulation.Log.Shared;

/// <summary>
/// One gateway's way to a log that others write, too. Every question takes its time there and back: an answer may be old when it is heard, and
/// very old where the gateway was stopped meanwhile.
/// </summary>
internal sealed class SharedLogStore : SimLogStore
{
    // As PostgresOptions has it.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(8);

    private readonly Run _run;
    private readonly LogServer _server;
    private readonly SimProcess _process;
    private readonly int _writer;
    private bool _batchOpen;
    private ulong? _unansweredBatch;

    public SharedLogStore(Run run, LogServer server, SimProcess process)
        : base(run, server.Disk, process)
    {
        (_run, _server, _process) = (run, server, process);
        _writer = server.Meet(this);
        Epoch = server.Disk.Data.Epoch;
    }

    public override bool IsShared => true;

    public override ulong Epoch { get; }

    public override ReadOnlyMemory<byte> LineKey { get; } = new byte[32];

    /// <summary>The log holds another history than the one that this gateway began with: it is to be started again, and does nothing until then.</summary>
    public bool IsOver { get; set; }

    /// <summary>Nothing comes through between this gateway and the log: what was asked may be done, and nobody hears of it.</summary>
    public TimeSpan CutUntil { get; set; }

    private bool IsCut => _run.Time.Now < CutUntil;

    public override async ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        if (_batchOpen)
            throw new InvalidOperationException("A batch is open.");
        Check();
        _batchOpen = true;
        try
        {
            var answer = new TaskCompletionSource<BatchState>();
            var transaction = _server.Begin(_writer, keys, Loaded, Failed);
            void Loaded(BatchState state) => Answer(() => answer.TrySetResult(state), () => Failed("no answer"));
            void Failed(string why) => _process.Run(() => answer.TrySetException(Fail(why)));
            var batch = new Batch(this, transaction, await answer.Task.ConfigureAwait(false));
            if (batch.State.Decided.Count > 0)
                _run.Saw(Sight.CommandAgainDeduplicated);
            if (_unansweredBatch is { } unanswered)
                _run.Saw(unanswered == batch.State.LastBatch ? Sight.LostAnswerWasOnDisk : Sight.LostAnswerWasNotOnDisk);
            _unansweredBatch = null;
            return batch;
        }
        catch (StoreUnavailableException)
        {
            _batchOpen = false;
            throw;
        }
    }

    /// <summary>The process is gone.</summary>
    public void Lost(bool silently) => _server.Lost(_writer, silently);

    protected override async ValueTask<T> Read<T>(Func<LogData, T> read)
    {
        Check();
        var answer = new TaskCompletionSource<T>();
        _run.Time.After(_server.Leg(), () =>
        {
            if (Disk.IsAway || IsOver || IsCut)
            {
                Failed();
                return;
            }
            var result = read(Disk.Data);
            Answer(() => answer.TrySetResult(result), Failed);
        });
        void Failed() => _process.Run(() => answer.TrySetException(Fail("away")));
        return await answer.Task.ConfigureAwait(false);
    }

    // Where the answer is lost it is known in the end that none will come.
    private void Answer(Action heard, Action lost) => _run.Time.After(_server.Leg(), () =>
    {
        if (IsCut)
            _process.After(_server.Random.Duration(1, AnswerTimeout.TotalMilliseconds), lost);
        else
            _process.Run(heard);
    });

    private void Check()
    {
        if (IsOver)
            throw Fail("holds another history");
        if (IsCut)
            throw Fail("cut off");
    }

    private async ValueTask CommitAsync(LogTransaction transaction, BatchState state, BatchWrites writes)
    {
        Check();
        transaction.Number(state);
        var answer = new TaskCompletionSource<bool>();
        var sentAt = _run.Time.Now;
        var way = _server.Leg();
        void Heard(bool isDone) => Answer(() => answer.TrySetResult(isDone), () => answer.TrySetResult(false));
        Unanswered = true;
        if (Disk.FailCommits == 0)
            transaction.Commit(state, writes, way, Heard);
        else
            Break(transaction, state, writes, way, Heard);
        var isKnown = await answer.Task.ConfigureAwait(false);
        Unanswered = false;
        // Who hears the answer late, because it was stopped, may have given it up.
        var isGivenUp = Disk.LoseAnswers > 0 || (_run.Time.Now - sentAt > AnswerTimeout && _server.Random.Chance(0.5));
        if (isKnown && isGivenUp)
            Disk.LoseAnswers = Math.Max(0, Disk.LoseAnswers - 1);
        if (!isKnown || isGivenUp)
        {
            _unansweredBatch = state.LastBatch + 1;
            throw Fail("no answer");
        }
        Disk.Worked();
    }

    // A connection that breaks says nothing of what was sent on it: the server may work on that for a while.
    private void Break(LogTransaction transaction, BatchState state, BatchWrites writes, TimeSpan way, Action<bool> heard)
    {
        Disk.FailCommits--;
        heard(false);
        if (_server.Random.Chance(0.5))
        {
            transaction.End("its connection broke");
            return;
        }
        _run.Saw(Sight.CommitOutlivedItsConnection);
        transaction.Commit(state, writes, way + _server.Random.Duration(1, 1_500), _ => { });
    }

    private sealed class Batch(SharedLogStore store, LogTransaction transaction, BatchState state) : ICommitBatch
    {
        private bool _isSent;

        public BatchState State => state;

        public ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel)
        {
            _isSent = true;
            return store.CommitAsync(transaction, state, writes);
        }

        public ValueTask DisposeAsync()
        {
            store._batchOpen = false;
            if (!_isSent)
                store._run.Time.After(store._server.Leg(), () => transaction.End("rolled back"));
            return ValueTask.CompletedTask;
        }
    }
}
