using Holi.CoPilot.Answers;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Prompts;
using Holi.CoPilot.Providers;
using Holi.CoPilot.Transcripts;
using Microsoft.Extensions.AI;

namespace Holi.CoPilot.Fallback;

/// <summary>
/// Asks one provider for a note: takes identifiers out, splits what is too long, asks part by part, has an answer that is not valid repaired once, and merges. One
/// attempt, used once.
/// </summary>
internal sealed class ProviderAttempt(Provider provider, NoteRequest request, NoteBudget budget, CoPilotLimits limits, bool redacts, Action<NoteUpdate> tell)
{
    private readonly Redaction? _redaction = redacts ? new Redaction(request.Patient.Identifiers) : null;
    private readonly List<Answer> _answers = [];
    private readonly ProviderOptions _options = provider.Options;
    private IReadOnlyList<IReadOnlyList<TranscriptSegment>> _parts = [];
    private StatementReader _statements = new();
    private string _model = "";
    private long _input, _output;
    private bool _isRepaired, _hasTold;

    /// <summary>The note, or an exception.</summary>
    /// <param name="model">To ask.</param>
    /// <param name="until">When the provider's time is over.</param>
    /// <param name="isLast">Nobody comes after it: its rate is waited for.</param>
    /// <param name="cancel">Nobody waits any more.</param>
    /// <exception cref="ProviderFailedException">There is none; <see cref="Partial"/> may have something.</exception>
    public async Task<Written> WriteAsync(string model, TimeSpan until, bool isLast, CancellationToken cancel)
    {
        _model = model;
        tell(new NoteUpdate(NoteUpdateKind.Asking, _options.Name));
        var system = NotePrompt.System(request.Kind, request.Transcript.Language, isDescribed: !_options.IsStructured);
        var patient = _redaction?.Redact(request.Patient) ?? request.Patient with { Identifiers = new PatientIdentifiers() };
        _parts = Split(system.Length + NotePrompt.User(patient, [], 0, 2).Length);
        for (var part = 0; part < _parts.Count; part++)
        {
            List<ChatMessage> messages = [new(ChatRole.System, system), new(ChatRole.User, NotePrompt.User(patient, _parts[part], part, _parts.Count))];
            _answers.Add(await AnswerAsync(messages, until, isLast, cancel).ConfigureAwait(false));
        }
        return Merged(partialUpTo: null);
    }

    /// <summary>After a failure: the parts that were written before it; null where there are none.</summary>
    public Written? Partial() => _answers.Count == 0 ? null : Merged(_parts[_answers.Count - 1][^1].Index);

    /// <summary>What was told of it is void.</summary>
    public void Discard()
    {
        if (_hasTold)
            tell(new NoteUpdate(NoteUpdateKind.Discarded, _options.Name));
        _hasTold = false;
    }

    private Written Merged(int? partialUpTo) =>
        new(AnswerMerge.Merge(_answers), _redaction, _model, _parts.Count, _input, _output, _isRepaired, partialUpTo);

    private IReadOnlyList<IReadOnlyList<TranscriptSegment>> Split(int promptChars)
    {
        IReadOnlyList<TranscriptSegment> segments = request.Transcript.Segments;
        if (_redaction is not null)
            segments = [.. segments.Select(segment => segment with { Text = _redaction.Redact(segment.Text) })];
        if (Tokens.PartChars(_options, Tokens.ForAnswer(_options, null, 0), promptChars) is not { } chars)
            throw new ProviderFailedException(ProviderFailure.TooLong);
        var parts = TranscriptParts.Split(segments, chars, limits.OverlapSegments);
        return parts.Count <= limits.Parts ? parts : throw new ProviderFailedException(ProviderFailure.TooLong);
    }

    private async Task<Answer> AnswerAsync(List<ChatMessage> messages, TimeSpan until, bool isLast, CancellationToken cancel)
    {
        var (text, reading) = await ReadAsync(messages, until, isLast, cancel).ConfigureAwait(false);
        if (reading.Answer is { } answer)
            return answer;
        _isRepaired = true;
        if (text.Length > 0)
            messages.Add(new ChatMessage(ChatRole.Assistant, text.Length <= limits.RepairChars ? text : text[..limits.RepairChars]));
        messages.Add(new ChatMessage(ChatRole.User, NotePrompt.Repair(reading.Problems.Take(limits.RepairProblems))));
        (_, reading) = await ReadAsync(messages, until, isLast, cancel).ConfigureAwait(false);
        return reading.Answer ?? throw new ProviderFailedException(ProviderFailure.Invalid);
    }

    private async Task<(string Text, AnswerReading Reading)> ReadAsync(List<ChatMessage> messages, TimeSpan until, bool isLast, CancellationToken cancel)
    {
        var settings = Settings();
        if (settings.MaxOutputTokens == 0)
            throw new ProviderFailedException(ProviderFailure.NoTime);
        var reply = await provider.AskAsync(_model, messages, settings, until, isLast, Begin, Read, cancel).ConfigureAwait(false);
        _model = reply.Model ?? _model;
        _input += reply.InputTokens;
        _output += reply.OutputTokens;
        return (reply.Text.TrimEnd(), AnswerReader.Read(request.Kind, reply.Text));
    }

    private ChatOptions Settings() => new()
    {
        MaxOutputTokens = Tokens.ForAnswer(_options, budget.OutputTokens, _output),
        Temperature = _options.Api == ProviderApi.OpenAi ? _options.Temperature : null,
        ResponseFormat = _options.IsStructured ? ChatResponseFormat.ForJsonSchema(AnswerSchema.ForProviders(request.Kind), "note") : null,
    };

    // A try begins: what an earlier one had written of this part is void. What earlier parts say stands, and is told again.
    private void Begin()
    {
        _statements = new StatementReader();
        if (!_hasTold)
            return;
        Discard();
        foreach (var (section, statements) in _answers.SelectMany(answer => answer.Sections))
        {
            foreach (var statement in statements)
                Tell(section, statement);
        }
    }

    private void Read(string text)
    {
        foreach (var (section, statement) in _statements.Feed(text))
            Tell(section, statement);
    }

    private void Tell(string section, NoteStatement statement)
    {
        _hasTold = true;
        var restored = RestoredAnswer.Of(statement, request.Transcript.Segments.Count, _redaction);
        tell(new NoteUpdate(NoteUpdateKind.Statement, _options.Name, section, restored));
    }
}
