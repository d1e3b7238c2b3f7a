using Holi.CoPilot;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Providers;

namespace Holi.Gateway.Notes;

/// <summary>How the writing of notes fares, as <c>/v1/status</c> shows it. Nothing of a request is in it.</summary>
/// <param name="Route">cloudFirst, localFirst or localOnly.</param>
/// <param name="Writing">Notes being written.</param>
/// <param name="Providers">In the order of their names.</param>
internal sealed record NotesStatus(string Route, int Writing, IReadOnlyList<NotesProvider> Providers)
{
    public static NotesStatus Of(CoPilotStatus status) => new(Word(status.Route), status.Writing, [.. status.Providers.Select(provider => new NotesProvider(
        provider.Name, provider.Place == ProviderPlace.Cloud ? "cloud" : "local", provider.Model, provider.Circuit, provider.Last, provider.LastAt,
        provider.Answers, provider.Failures))]);

    private static string Word(NoteRoute route) => route switch
    {
        NoteRoute.CloudFirst => "cloudFirst",
        NoteRoute.LocalFirst => "localFirst",
        _ => "localOnly",
    };
}

/// <param name="Name">As configured.</param>
/// <param name="Place">cloud or local.</param>
/// <param name="Model">Null while it is not known.</param>
/// <param name="Circuit">closed, open, halfOpen or isolated.</param>
/// <param name="Last">What the last call or check came to.</param>
/// <param name="LastAt">When.</param>
/// <param name="Answers">Notes since the start.</param>
/// <param name="Failures">And attempts that gave none.</param>
internal sealed record NotesProvider(
    string Name, string Place, string? Model, string Circuit, string? Last, DateTimeOffset? LastAt, long Answers, long Failures);
