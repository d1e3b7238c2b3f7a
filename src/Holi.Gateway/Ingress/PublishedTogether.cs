using Holi.Gateway.Commit;
using Holi.Gateway.Ingress.Scheduled;
using Holi.Gateway.Ops.Metrics;

namespace Holi.Gateway.Ingress;

/// <summary>Publications that were submitted together, and what becomes of each. Complete once the last is answered.</summary>
internal sealed class PublishedTogether
{
    private readonly PublicationAnswer[] _answers;
    private readonly ScheduleLoop _schedule;
    private readonly string _road;
    private readonly IngressMeter _meter;
    // The committer's loop answers: whoever waits goes on elsewhere.
    private readonly TaskCompletionSource<IReadOnlyList<PublicationAnswer>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    public PublishedTogether(int count, ScheduleLoop schedule, string road, IngressMeter meter) =>
        (_answers, _open, _schedule, _road, _meter) = (new PublicationAnswer[count], count, schedule, road, meter);

    /// <summary>The answers, in the order of what was submitted.</summary>
    public Task<IReadOnlyList<PublicationAnswer>> Answers => _done.Task;

    /// <summary>The source of one of them.</summary>
    public IPublicationSource Source(int index) => new One(this, index);

    private void Answer(int index, in PublicationAnswer answer)
    {
        _answers[index] = answer;
        _meter.Count(_road, answer.Result);
        if (answer is { Result: PublicationResult.Scheduled, DueMs: { } due })
            _schedule.Note(due);
        if (Interlocked.Decrement(ref _open) == 0)
            _done.SetResult(_answers);
    }

    private sealed class One(PublishedTogether together, int index) : IPublicationSource
    {
        public void Answered(in PublicationAnswer answer) => together.Answer(index, answer);
    }
}
