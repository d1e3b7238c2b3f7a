using System.Text.Json.Nodes;
using Holi.Load.Scenarios;
using Holi.Synthetic.Commands;
using Holi.Synthetic.Export;
using Holi.Synthetic.Records;
using Holi.Synthetic.Storage;

namespace Holi.Synthetic.Tests.Export;

public sealed class TrainingTests : IAsyncLifetime
{
    private const int Count = 400;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("holi-synthetic-");


    public async ValueTask InitializeAsync()
    {
        await using var store = new SqliteRecordStore(Path.Combine(_folder.FullName, "rows.db"));
        await store.PrepareAsync(CancellationToken.None);
        var recipe = Recipe.Of(5, "mix");
        await store.WriteAsync([.. Enumerable.Range(0, Count).AsParallel().Select(number => RecordRows.Of(recipe, number, RecordMaker.Make(recipe, number), null))], CancellationToken.None);
        await ExportCommand.ExportAsync(store, "jsonl", _folder.FullName, CancellationToken.None);
        await ExportCommand.ExportAsync(store, "csv", _folder.FullName, CancellationToken.None);
    }

    [Fact]
    public void No_patient_is_in_two_parts_and_every_part_has_its_share()
    {
        var parts = Split.All.ToDictionary(part => part, part => Lines(part).Select(line => (string)line["id"]!).ToList());
        parts.Values.SelectMany(ids => ids).Distinct().Count().ShouldBe(Count);
        parts.Values.Sum(ids => ids.Count).ShouldBe(Count);
        parts[Split.Train].Count.ShouldBeInRange(Count * 70 / 100, Count * 90 / 100);
        parts[Split.Validation].Count.ShouldBeInRange(Count * 4 / 100, Count * 18 / 100);
        parts[Split.Test].Count.ShouldBeInRange(Count * 4 / 100, Count * 18 / 100);
    }

    [Fact]
    public void A_patient_stays_in_its_part_whatever_else_is_exported() =>
        Enumerable.Range(0, 50).Select(number => RecordMaker.IdOf(Recipe.Of(5, "mix"), number)).ShouldAllBe(id => Lines(Split.Of(id)).Any(line => (string)line["id"]! == id));

    [Fact]
    public void Every_line_is_a_chat_of_three_messages_whose_answer_is_the_labelled_reference()
    {
        foreach (var line in Split.All.SelectMany(Lines))
        {
            line["messages"]!.AsArray().Select(message => (string)message!["role"]!).ShouldBe(["system", "user", "assistant"]);
            line["messages"]!.AsArray().ShouldAllBe(message => ((string)message!["content"]!).Length > 50);
            ((string)line["metadata"]!["note"]!).ShouldBe("reference");
        }
    }

    [Fact]
    public void No_line_of_training_data_names_who_the_patient_is()
    {
        foreach (var line in Split.All.SelectMany(Lines).Take(200))
        {
            var record = RecordMaker.Make(Recipe.Of(5, "mix"), int.Parse(((string)line["id"]!)[^6..], System.Globalization.CultureInfo.InvariantCulture));
            var text = line.ToJsonString();
            text.ShouldNotContain(record.Patient.RecordNumber);
            text.ShouldNotContain(record.Patient.Phone);
            text.ShouldNotContain(record.Patient.Email);
        }
    }

    [Fact]
    public void The_table_has_a_row_for_each_record_and_every_field_in_its_column()
    {
        var rows = Parse(File.ReadAllText(Path.Combine(_folder.FullName, "records.csv")));
        rows[0].ShouldBe(Csv.Columns);
        rows.Count.ShouldBe(Count + 1);
        rows.ShouldAllBe(row => row.Count == Csv.Columns.Count);
        var age = Csv.Columns.ToList().IndexOf("age");
        rows.Skip(1).ShouldAllBe(row => int.Parse(row[age]) >= 2 && int.Parse(row[age]) <= 90);
    }

    [Fact]
    public void The_load_generator_takes_its_chat_content_from_an_export()
    {
        var texts = ChatTexts.Read(Path.Combine(_folder.FullName, "train.jsonl"));
        texts.Count.ShouldBeGreaterThan(10_000);
        texts[0].ShouldBe(texts[texts.Count]);
        texts[1].ShouldNotStartWith("[");
        Should.Throw<InvalidDataException>(() => ChatTexts.Read(Path.Combine(_folder.FullName, "records.csv"))).Message.ShouldContain("records.csv");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private List<JsonNode> Lines(string part) => [.. File.ReadAllLines(Path.Combine(_folder.FullName, $"{part}.jsonl")).Select(line => JsonNode.Parse(line)!)];

    /// <summary>RFC 4180, read by its own rules.</summary>
    private static List<List<string>> Parse(string text)
    {
        List<List<string>> rows = [];
        List<string> row = [];
        var field = new System.Text.StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (isQuoted && text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[i++]);
            else if (text[i] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && (text[i] is ',' or '\n'))
                Close(text[i] == '\n');
            else if (isQuoted || text[i] != '\r')
                field.Append(text[i]);
        }
        return rows;

        void Close(bool isEnd)
        {
            row.Add(field.ToString());
            field.Clear();
            if (!isEnd)
                return;
            rows.Add(row);
            row = [];
        }
    }
}
