using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holi.Peers.Reports;

/// <summary>Everything, for programs: each round's value of each figure.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(IReadOnlyList<Column> columns, Run run) => new JsonObject
    {
        ["machine"] = new JsonObject
        {
            ["processor"] = run.Machine.Processor,
            ["cores"] = run.Machine.Cores,
            ["memoryGb"] = run.Machine.MemoryGb,
            ["system"] = run.Machine.System,
            ["runtime"] = run.Machine.Runtime,
            ["syncMs"] = Round(run.Machine.SyncMs),
        },
        ["date"] = run.Machine.Date.ToString("O"),
        ["rounds"] = run.Rounds,
        ["pieces"] = run.Pieces,
        ["peers"] = new JsonArray([.. columns.Select(Write)]),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject Write(Column column)
    {
        var peer = column.Peer;
        var figures = new JsonObject();
        foreach (var (key, values) in column.Values)
        {
            var (median, min, max) = column.Spread(key)!.Value;
            var target = peer.IsHoli ? ShownFigure.All.SingleOrDefault(figure => figure.Key == key)?.Target : null;
            figures[key] = new JsonObject
            {
                ["median"] = Round(median),
                ["min"] = Round(min),
                ["max"] = Round(max),
                ["target"] = target?.For(peer),
                ["values"] = new JsonArray([.. values.Select(value => JsonValue.Create(Round(value)))]),
            };
        }
        return new JsonObject
        {
            ["name"] = peer.Name,
            ["title"] = peer.Title,
            ["version"] = column.Version,
            ["settings"] = peer.Settings,
            ["guarantees"] = new JsonObject
            {
                ["durable"] = peer.Guarantees.Durable,
                ["order"] = peer.Guarantees.Order,
                ["delivery"] = peer.Guarantees.Delivery,
                ["absent"] = peer.Guarantees.Absent,
                ["connects"] = peer.Guarantees.Knows,
            },
            ["missing"] = column.Missing,
            ["notes"] = new JsonArray([.. column.Notes.Select(note => JsonValue.Create(note))]),
            ["figures"] = figures,
        };
    }

    private static double Round(double value) => Math.Round(value, 4);
}
