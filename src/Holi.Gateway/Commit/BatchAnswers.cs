using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Commit;

/// <summary>What each source of a batch will be told about its commands, in the order in which the sources first appeared.</summary>
internal sealed class BatchAnswers
{
    private readonly Dictionary<ICommitSource, Answer> _bySource = new(ReferenceEqualityComparer.Instance);
    private readonly List<Answer> _answers = [];

    /// <summary>Everything up to <paramref name="committed"/> is part of the batch or was committed before it.</summary>
    public void Committed(ICommitSource source, ulong committed) => Of(source).Committed = committed;

    /// <summary>As <see cref="Committed"/>; the command with that seq was refused.</summary>
    public void Rejected(ICommitSource source, Refusal refusal)
    {
        var answer = Of(source);
        answer.Committed = refusal.Seq;
        (answer.Refusals ??= []).Add(refusal);
    }

    /// <summary>A command was not taken. The first reason counts.</summary>
    public void NotTaken(ICommitSource source, HoliCode code)
    {
        var answer = Of(source);
        if (answer.NotTaken == HoliCode.None)
            answer.NotTaken = code;
    }

    public void CopyTo(BatchOutcome outcome)
    {
        foreach (var answer in _answers)
        {
            if (answer.Committed is { } committed)
                outcome.Committed.Add((answer.Source, committed, answer.Refusals ?? (IReadOnlyList<Refusal>)[]));
            if (answer.NotTaken != HoliCode.None)
                outcome.Refused.Add((answer.Source, answer.NotTaken));
        }
    }

    private Answer Of(ICommitSource source)
    {
        if (_bySource.TryGetValue(source, out var answer))
            return answer;
        answer = new Answer(source);
        _bySource.Add(source, answer);
        _answers.Add(answer);
        return answer;
    }

    private sealed class Answer(ICommitSource source)
    {
        public ICommitSource Source { get; } = source;
        public ulong? Committed { get; set; }
        public List<Refusal>? Refusals { get; set; }
        public HoliCode NotTaken { get; set; }
    }
}
