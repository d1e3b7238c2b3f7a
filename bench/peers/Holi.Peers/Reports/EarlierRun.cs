using System.Text.Json.Nodes;

namespace Holi.Peers.Reports;

/// <summary>What an earlier run left in peers.json, so that a comparison can be made in pieces.</summary>
/// <param name="Columns">Its columns, of peers that are still in the table.</param>
/// <param name="Pieces">Runs that it adds up.</param>
internal sealed record EarlierRun(IReadOnlyList<Column> Columns, int Pieces)
{
    public static EarlierRun Nothing { get; } = new([], 0);

    /// <summary>Reads one; figures of another machine are refused.</summary>
    public static EarlierRun Read(string file, Machine here)
    {
        if (!File.Exists(file))
            return Nothing;
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        var there = json["machine"]!;
        if ((string)there["processor"]! != here.Processor || (int)there["cores"]! != here.Cores || (string)there["runtime"]! != here.Runtime)
            throw new IOException($"{file} holds figures of another machine: nothing can be added to them.");
        var columns = json["peers"]!.AsArray()
            .Select(one => (Json: one!, Peer: PeerTable.All.SingleOrDefault(peer => peer.Name == (string)one!["name"]!)))
            .Where(one => one.Peer is not null)
            .Select(one => Read(one.Json, one.Peer!));
        return new EarlierRun([.. columns], (int)json["pieces"]!);
    }

    /// <summary>Both together, in the order of the table.</summary>
    public IReadOnlyList<Column> With(IReadOnlyList<Column> columns)
    {
        foreach (var column in columns)
            column.Precede(Columns.SingleOrDefault(earlier => earlier.Peer.Name == column.Peer.Name));
        var untouched = Columns.Where(earlier => !columns.Any(column => column.Peer.Name == earlier.Peer.Name));
        var order = PeerTable.All.Select(peer => peer.Name).ToList();
        return [.. columns.Concat(untouched).OrderBy(column => order.IndexOf(column.Peer.Name))];
    }

    private static Column Read(JsonNode json, Peer peer)
    {
        var column = new Column(peer) { Missing = (string?)json["missing"], Version = (string)json["version"]! };
        foreach (var (key, figure) in json["figures"]!.AsObject())
        {
            foreach (var value in figure!["values"]!.AsArray())
                column.Add(key, (double)value!);
        }
        foreach (var note in json["notes"]!.AsArray())
            column.Note((string)note!);
        return column;
    }
}
