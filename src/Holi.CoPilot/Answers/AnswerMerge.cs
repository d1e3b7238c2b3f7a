using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Answers;

/// <summary>
/// One answer of the answers to several parts. By rule and not by a model: nothing is added, nothing that was supported loses its segments, and what two
/// parts both say (they overlap) is said once. Pure.
/// </summary>
internal static class AnswerMerge
{
    public static Answer Merge(IReadOnlyList<Answer> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var keys = parts.SelectMany(part => part.Sections.Keys).Distinct();
        return new Answer(
            parts.Select(part => part.ChiefComplaint).FirstOrDefault(complaint => complaint is not null),
            keys.ToDictionary(key => key, key => (IReadOnlyList<NoteStatement>)Statements(parts.SelectMany(part => part.Sections.GetValueOrDefault(key, [])))),
            Diagnoses(parts.SelectMany(part => part.Diagnoses)),
            Medications(parts.SelectMany(part => part.Medications)),
            Join(parts.SelectMany(part => part.FollowUps), followUp => Normal(followUp.Text), (earlier, later) => earlier with
            {
                When = earlier.When ?? later.When,
                Segments = Union(earlier.Segments, later.Segments),
            }));
    }

    private static List<NoteStatement> Statements(IEnumerable<NoteStatement> all) =>
        Join(all, statement => Normal(statement.Text), (earlier, later) => earlier with
        {
            Segments = Union(earlier.Segments, later.Segments),
            Confidence = Math.Max(earlier.Confidence, later.Confidence),
        });

    // What was said last about it counts: suspected at first, ruled out in the end.
    private static List<NoteDiagnosis> Diagnoses(IEnumerable<NoteDiagnosis> all) =>
        Join(all, diagnosis => Normal(diagnosis.Name), (earlier, later) => later with
        {
            Candidates = Join(earlier.Candidates.Concat(later.Candidates), candidate => candidate.Code, (first, _) => first),
            Segments = Union(earlier.Segments, later.Segments),
        });

    // Two doses of one drug are two entries, for a person to look at; an entry without a dose adds nothing to one that has it.
    private static List<NoteMedication> Medications(IEnumerable<NoteMedication> all)
    {
        var entries = Join(all, medication => $"{Normal(medication.Name)}|{medication.Dose}|{medication.Unit}", (earlier, later) => later with
        {
            Frequency = later.Frequency ?? earlier.Frequency,
            Status = later.Status == "mentioned" ? earlier.Status : later.Status,
            Segments = Union(earlier.Segments, later.Segments),
        });
        return [.. entries.Where(entry => entry.Dose is not null || entry.Status != "mentioned"
            || !entries.Any(other => other.Dose is not null && Normal(other.Name) == Normal(entry.Name)))];
    }

    private static List<T> Join<T>(IEnumerable<T> all, Func<T, string> key, Func<T, T, T> join)
    {
        var (order, found) = (new List<string>(), new Dictionary<string, T>());
        foreach (var one in all)
        {
            var name = key(one);
            if (found.TryGetValue(name, out var earlier))
            {
                found[name] = join(earlier, one);
                continue;
            }
            found[name] = one;
            order.Add(name);
        }
        return [.. order.Select(name => found[name])];
    }

    private static int[] Union(IReadOnlyList<int> one, IReadOnlyList<int> other) => [.. one.Union(other).Order()];

    private static string Normal(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
