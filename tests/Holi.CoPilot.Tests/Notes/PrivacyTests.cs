using System.Globalization;
using System.Text.Json;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Tests.Providers;
using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Tests.Notes;

/// <summary>What the cloud was really sent, as the server that played it saw it.</summary>
public sealed class PrivacyTests(ModelServerFixture servers) : ModelServerTests(servers)
{
    private const int Transcripts = 1_000;

    private static readonly string[] First = ["María", "José", "João", "Zoë", "Anne-Marie", "Iñaki", "Olga", "Peter", "Conceição", "Siobhán", "Núria", "Björn"];
    private static readonly string[] Last = ["López", "O'Brien", "Gonçalves", "Müller", "Okafor", "de la Cruz", "Smith-Jones", "Ñáñez", "dos Santos", "Kowalski"];
    private static readonly string[] Streets = ["Elm Street", "Calle del Pez", "Rua das Flores", "Avenida Libertad", "Harbour Road"];
    private static readonly string[] Towns = ["Springfield", "Zaragoza", "Coimbra", "Galway", "Belo Horizonte"];

    [Fact]
    public async Task None_of_the_planted_identifiers_leaves_in_a_thousand_consultations_in_three_languages_and_all_come_back()
    {
        await using var writer = Writer(Samples.Cloud(Cloud.Root));
        var random = new Random(5);
        var planted = Enumerable.Range(0, Transcripts).Select(i => Plant(random, NoteForms.Languages[i % 3])).ToList();
        await Parallel.ForEachAsync(planted, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (one, cancel) =>
        {
            var note = await writer.WriteAsync(one.Request, Samples.Minute, cancel);
            note.Provenance.IsRedacted.ShouldBeTrue();
            note.Flags.ShouldNotContain(flag => flag.Kind == NoteFlagKind.UnknownToken);
            // The server copies what the patient said: with the words in their places again it is what was said.
            note.Sections[0].Statements.Select(statement => statement.Text).ShouldBe(
                one.Request.Transcript.Segments.Where(segment => segment.Speaker == Speakers.Patient).Select(segment => segment.Text));
        });
        var requests = await Cloud.RequestsAsync();
        requests.Count.ShouldBe(Transcripts);
        // Of which patient a request was is what nobody can tell any more; so each is searched for all of what is its own: by its marker.
        var bodies = requests.ToDictionary(MarkerOf, request => FoldedText.Of(Decoded(request)));
        foreach (var one in planted)
        {
            foreach (var secret in one.Secrets)
                bodies[one.Marker].ShouldNotContain(FoldedText.Of(secret), Case.Sensitive, $"{one.Request.Transcript.Language}: {secret}");
        }
    }

    [Fact]
    public async Task In_the_building_identifiers_stay_where_the_tenant_lets_them()
    {
        await using var writer = Writer(Samples.Local(Local.V1));
        var one = Plant(new Random(1), "en");
        (await writer.WriteAsync(one.Request, Samples.Minute, Cancel)).Provenance.IsRedacted.ShouldBeFalse();
        Decoded((await Local.RequestsAsync())[0]).ShouldContain(one.Request.Patient.Identifiers.Names[0]);
    }

    [Fact]
    public async Task A_request_carries_nothing_that_names_tenant_or_trace()
    {
        await using var writer = Writer(Samples.Cloud(Cloud.Root));
        await writer.WriteAsync(Samples.Request() with { Tenant = "st-elsewhere" }, Samples.Minute, Cancel);
        var raw = (await Cloud.RequestsAsync())[0].GetRawText();
        raw.ShouldNotContain("st-elsewhere");
        raw.ShouldNotContain("traceparent");
    }

    private static string MarkerOf(JsonElement request)
    {
        var text = Decoded(request);
        var at = text.IndexOf("marker ", StringComparison.Ordinal);
        return text[at..text.IndexOf('.', at)];
    }

    private static string Decoded(JsonElement request)
    {
        var body = request.GetProperty("body");
        return string.Join('\n', Texts(body));

        static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.String => [element.GetString()!],
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
            JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
            _ => [],
        };
    }

    private static (NoteRequest Request, string[] Secrets, string Marker) Plant(Random random, string language)
    {
        string Pick(string[] from) => from[random.Next(from.Length)];
        string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(1, 10)));
        var (first, last, street, town) = (Pick(First), Pick(Last), Pick(Streets), Pick(Towns));
        var (record, phone, house, code) = ($"HC-{Digits(7)}", $"+{Digits(2)} {Digits(3)} {Digits(3)} {Digits(3)}", Digits(2), Digits(5));
        var email = $"{FoldedText.Of(first)}.{Digits(4)}@mail.example".Replace(" ", "", StringComparison.Ordinal);
        var birth = new DateOnly(1930 + random.Next(90), 1 + random.Next(12), 1 + random.Next(28));
        var marker = $"marker {string.Concat(Enumerable.Range(0, 12).Select(_ => (char)('a' + random.Next(26))))}";
        var day = birth.ToString(language == "en" ? "MM/dd/yyyy" : "dd/MM/yyyy", CultureInfo.InvariantCulture);
        var bare = string.Concat(phone.Where(char.IsAsciiDigit))[2..];
        string[] lines = language switch
        {
            "es" => [$"Buenos días, ¿me confirma sus datos?", $"Soy {first} {last}, nací el {day}, {marker}.", "¿Y su teléfono?", $"Es el {bare}, y el correo es {email}. Mi historia es la {record}.",
                $"¿Sigue en {street} {house}?", $"Sí, en {street} {house}, {code} {town}. Me duele la rodilla, no tengo fiebre.", $"Gracias, {last.ToUpperInvariant()}. Vuelva en una semana."],
            "pt" => [$"Bom dia, confirma os seus dados?", $"Sou {first} {last}, nasci em {day}, {marker}.", "E o telefone?", $"É {bare}, e o e-mail é {email}. O prontuário é {record}.",
                $"Ainda mora na {street} {house}?", $"Sim, {street}, {house}, {code} {town}. Dói o joelho, não tenho febre.", $"Obrigado, {first.ToLowerInvariant()}. Volte em uma semana."],
            _ => [$"Good morning, can you confirm your details?", $"I'm {first} {last}, born {day}, {marker}.", "And your phone?", $"It's {bare}, my email is {email}. My number here is {record}.",
                $"Still at {house} {street}?", $"Yes, {house} {street}, {code} {town}. My knee hurts, no fever.", $"Thank you, {last}. Come back in one week."],
        };
        var identifiers = new PatientIdentifiers
        {
            Names = [$"{first} {last}"], RecordNumbers = [record], Phones = [phone], Emails = [email], BirthDate = birth,
            Addresses = [language == "en" ? $"{house} {street}, {code} {town}" : $"{street} {house}, {code} {town}"],
        };
        var request = Samples.Request() with { Transcript = Samples.In(language, lines), Patient = new PatientContext { Age = 40, Identifiers = identifiers } };
        // Parts of a name that are words of their own everywhere ("de la", "dos") identify nobody.
        var names = $"{first} {last}".Split(' ').Where(word => word is not ("de" or "la" or "dos"));
        return (request, [.. names, record, record[3..], bare, phone, email, street, town, code, day], marker);
    }
}
