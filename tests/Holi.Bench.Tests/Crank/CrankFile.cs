using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Holi.Bench.Tests.Crank;

/// <summary>
/// A benchmarks file as crank's controller takes it: a scenario's services are patched into their jobs, then the profile into all of it, then the command
/// line; variables of the file, of the job and of the command line, the later ones first, go into every text of a job.
/// </summary>
internal sealed partial class CrankFile(string path)
{
    private readonly JsonObject _root = (JsonObject)Json(new DeserializerBuilder().Build().Deserialize<object>(File.ReadAllText(path)));

    public IReadOnlyList<string> Scenarios => [.. Of(_root, "scenarios").Select(s => s.Key)];

    public IReadOnlyList<string> Profiles => [.. Of(_root, "profiles").Select(s => s.Key)];

    public JsonObject Jobs => Of(_root, "jobs");

    /// <summary>What the controller sends to the agents, service by service, in the order of the file.</summary>
    public IReadOnlyList<(string Service, JsonObject Job)> Resolve(string scenario, string profile, IReadOnlyDictionary<string, string> variables)
    {
        var root = (JsonObject)_root.DeepClone();
        var jobs = Of(root, "jobs");
        var services = Of(Of(root, "scenarios"), scenario);
        foreach (var (service, patch) in services)
        {
            var job = (JsonObject)Of(jobs, (string)patch!["job"]!).DeepClone();
            Patch(job, (JsonObject)patch);
            jobs[service] = job;
        }
        Patch(root, Of(Of(root, "profiles"), profile));
        return [.. services.Select(s => (s.Key, Rendered(Of(jobs, s.Key), Of(root, "variables"), variables)))];
    }

    private static JsonObject Rendered(JsonObject job, JsonObject root, IReadOnlyDictionary<string, string> commandLine)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in root.Concat(job["variables"] as JsonObject ?? []))
            values[name] = (string)value!;
        foreach (var (name, value) in commandLine)
            values[name] = value;
        return (JsonObject)Rendered(job, values);
    }

    private static JsonNode Rendered(JsonNode node, Dictionary<string, string> values) => node switch
    {
        JsonObject map => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Rendered(p.Value!, values)))),
        JsonArray list => new JsonArray([.. list.Select(item => (JsonNode?)Rendered(item!, values))]),
        _ => JsonValue.Create(Tag().Replace((string)node!, tag => values.TryGetValue(tag.Groups[1].Value, out var value)
            ? value
            : throw new InvalidOperationException($"No variable is called {tag.Groups[1].Value}.")))!,
    };

    private static void Patch(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (target[name] is JsonObject map && value is JsonObject changes)
                Patch(map, changes);
            else if (target[name] is JsonArray list && value is JsonArray more)
                more.ToList().ForEach(item => list.Add(item!.DeepClone()));
            else
                target[name] = value!.DeepClone();
        }
    }

    private static JsonObject Of(JsonObject map, string name) =>
        map[name] as JsonObject ?? throw new InvalidOperationException($"There is no {name}.");

    // Every scalar is text, as in crank, whose reader knows no types either.
    private static JsonNode Json(object? yaml) => yaml switch
    {
        IDictionary<object, object> map => new JsonObject(map.Select(p => KeyValuePair.Create((string)p.Key, (JsonNode?)Json(p.Value)))),
        IList<object> list => new JsonArray([.. list.Select(item => (JsonNode?)Json(item))]),
        _ => JsonValue.Create(yaml as string ?? "")!,
    };

    // Of Liquid only names are used: nothing that would come out differently in another version of it.
    [GeneratedRegex(@"\{\{\s*([A-Za-z]+)\s*\}\}")]
    private static partial Regex Tag();
}
