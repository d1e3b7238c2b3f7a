using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>A request for older events (holi.v1.md §8.7).</summary>
internal sealed class HistoryQuestion(string topic, ulong before, int count, object? tag = null)
{
    public string Topic { get; } = topic;
    public ulong Before { get; } = before;
    public int Count { get; } = count;
    public object? Tag { get; } = tag;
}

/// <summary>
/// History requests on their way and pages on their way to the store. A page is told as loaded only when it is stored. A
/// connection that ends takes its requests with it: they fail, and the app asks again when it still wants to know.
/// </summary>
internal sealed class HistoryQuestions(EngineLimits limits, TopicTable topics)
{
    private sealed record Page(HistoryQuestion Question, List<ReplicaEvent> Events, bool Last);

    private readonly Dictionary<uint, HistoryQuestion> _asked = [];
    private List<Page> _gathered = [];
    private List<Page> _atStore = [];
    private uint _lastRequest;

    /// <summary>There is a page for the next batch.</summary>
    public bool IsDirty => _gathered.Count > 0;

    /// <summary>Asks, or says why not.</summary>
    public HoliCode Ask(HistoryQuestion question, GatewayLink link)
    {
        var number = topics.NumberOf(question.Topic);
        if (number == 0)
            return HoliCode.NotFound;
        if (_asked.Count + _gathered.Count + _atStore.Count >= limits.HistoriesMax)
            return HoliCode.Busy;
        var request = ++_lastRequest;
        if (!link.Send(new HistoryRequestFrame(request, number, question.Before, (uint)Math.Clamp(question.Count, 1, WireLimits.HistoryEventsMax))))
            return HoliCode.Busy;
        _asked.Add(request, question);
        return HoliCode.None;
    }

    /// <summary>A page came; one that nobody asked for is ignored, as it may be an answer to what was given up.</summary>
    public Violation OnPage(in HistoryPageFrame page, long timeBaseMs)
    {
        if (!_asked.Remove(page.Request, out var question))
            return Violation.None;
        var events = new List<ReplicaEvent>();
        var frames = page.ReadFrames();
        Violation violation;
        while (frames.TryRead(out var inner, out violation))
        {
            if (inner.Kind != FrameKind.Event)
                continue;
            if (!EventFrame.TryRead(inner.Body, timeBaseMs, out var read, out violation))
                return violation;
            events.Add(new ReplicaEvent(question.Topic, read.Offset, read.TimeMs, read.Member, read.Type, PayloadBytes.Of(read.Payload)));
        }
        if (violation.IsNone)
            _gathered.Add(new Page(question, events, page.Last));
        return violation;
    }

    /// <summary>Error came for a request.</summary>
    public void OnError(uint request, HoliCode code, Action<EngineNotice> notify)
    {
        if (_asked.Remove(request, out var question))
            notify(new HistoryFailed(question, code));
    }

    public void Cut(List<StoreWrite> batch)
    {
        (_atStore, _gathered) = (_gathered, []);
        foreach (var page in _atStore)
        {
            if (page.Events.Count > 0)
                batch.Add(new AddHistory(page.Question.Topic, page.Events));
        }
    }

    public void Written(Action<EngineNotice> notify)
    {
        foreach (var page in _atStore)
            notify(new HistoryLoaded(page.Question, page.Events.Count, page.Events.Count > 0 ? page.Events[0].Offset : 0, page.Last));
        _atStore = [];
    }

    /// <summary>The batch failed, or the connection is over: what is at the store may still arrive there.</summary>
    public void Fail(bool withBatch, Action<EngineNotice> notify)
    {
        foreach (var question in _asked.Values.Concat(withBatch ? _gathered.Concat(_atStore).Select(p => p.Question) : []))
            notify(new HistoryFailed(question, HoliCode.Busy));
        _asked.Clear();
        if (withBatch)
            (_gathered, _atStore) = ([], []);
    }
}
