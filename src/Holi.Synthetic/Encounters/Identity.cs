// Names and addresses come from Bogus, seeded for this record alone. What could reach somebody is of ranges that nobody is given: 555-01xx in the US,
// numbers that begin with 0 after the area code in Mexico, 90000-xxxx in Brazil, example.org for mail.

using System.Globalization;
using System.Text;
using Bogus;
using Bogus.DataSets;
using Holi.Synthetic.Randomness;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>Who somebody is.</summary>
internal sealed record Identity(string GivenName, string FamilyName, string Phone, string Email, Records.Address Address, string RecordNumber)
{
    private static readonly string[] SpanishWomen =
        ["María", "Lucía", "Carmen", "Ana", "Sofía", "Elena", "Rosa", "Laura", "Isabel", "Patricia", "Marta", "Valeria", "Gabriela", "Claudia", "Teresa",
         "Beatriz", "Daniela", "Silvia", "Alejandra", "Norma", "Guadalupe", "Verónica", "Paula", "Irene", "Julieta", "Ximena", "Natalia", "Yolanda", "Leticia", "Raquel"];

    private static readonly string[] SpanishMen =
        ["José", "Juan", "Carlos", "Luis", "Miguel", "Javier", "Antonio", "Manuel", "Pedro", "Jorge", "Ricardo", "Fernando", "Raúl", "Andrés", "Diego",
         "Roberto", "Alberto", "Sergio", "Héctor", "Enrique", "Tomás", "Emilio", "Óscar", "Rafael", "Víctor", "Gustavo", "Mario", "Iván", "Hugo", "Ramón"];

    private static readonly string[] PortugueseWomen =
        ["Maria", "Ana", "Juliana", "Fernanda", "Camila", "Beatriz", "Larissa", "Patrícia", "Luciana", "Aline", "Mariana", "Renata", "Cláudia", "Helena", "Sônia",
         "Vera", "Cecília", "Tatiana", "Simone", "Rosana", "Letícia", "Bruna", "Débora", "Elisa", "Regina", "Sandra", "Marina", "Isabela", "Lívia", "Adriana"];

    private static readonly string[] PortugueseMen =
        ["João", "Pedro", "Lucas", "Rafael", "Gabriel", "Marcelo", "Carlos", "Eduardo", "Bruno", "Thiago", "Antônio", "Paulo", "Ricardo", "Fábio", "Sérgio",
         "Rodrigo", "Felipe", "Gustavo", "Leandro", "Marcos", "Vinícius", "Otávio", "Cláudio", "Roberto", "Henrique", "Caio", "Murilo", "Renato", "Danilo", "Ivan"];

    public static Identity Of(Draw draw, Language language, Sex sex)
    {
        var locale = Locale(language);
        var random = new Randomizer((int)(draw.Bits() & 0x7FFF_FFFF));
        var names = new Name(locale) { Random = random };
        var places = new Bogus.DataSets.Address(locale) { Random = random };
        var given = GivenNameOf(draw, names, language, sex);
        var family = names.LastName();
        // Two family names in Spanish, as records have them; people are called by the first.
        var full = language == Language.Spanish ? $"{family} {names.LastName()}" : family;
        return new Identity(
            given, full, PhoneOf(draw, language), $"{Ascii(given)}.{Ascii(family)}{draw.Between(10, 99)}@example.org",
            new Records.Address(places.StreetAddress(), places.City(), places.State(), places.ZipCode(), Country(language)),
            string.Create(CultureInfo.InvariantCulture, $"SYN-{draw.Between(1000, 9999)}-{draw.Between(1000, 9999)}"));
    }

    /// <summary>A family name for somebody of whom nothing else is known.</summary>
    public static string FamilyNameOf(Draw draw, Language language) =>
        new Name(Locale(language)) { Random = new Randomizer((int)(draw.Bits() & 0x7FFF_FFFF)) }.LastName();

    private static string GivenNameOf(Draw draw, Name names, Language language, Sex sex) => (language, sex) switch
    {
        // Bogus's Spanish and Portuguese given names do not say whose they are.
        (Language.Spanish, Sex.Female) => draw.Pick(SpanishWomen),
        (Language.Spanish, _) => draw.Pick(SpanishMen),
        (Language.Portuguese, Sex.Female) => draw.Pick(PortugueseWomen),
        (Language.Portuguese, _) => draw.Pick(PortugueseMen),
        _ => names.FirstName(sex == Sex.Female ? Name.Gender.Female : Name.Gender.Male),
    };

    private static string Locale(Language language) => language switch
    {
        Language.Spanish => "es_MX",
        Language.Portuguese => "pt_BR",
        _ => "en",
    };

    private static string Country(Language language) => language switch
    {
        Language.Spanish => "MX",
        Language.Portuguese => "BR",
        _ => "US",
    };

    private static string PhoneOf(Draw draw, Language language) => language switch
    {
        Language.Spanish => string.Create(CultureInfo.InvariantCulture, $"+52 55 0{draw.Between(100, 999)} {draw.Between(1000, 9999)}"),
        Language.Portuguese => string.Create(CultureInfo.InvariantCulture, $"+55 11 90000-{draw.Between(1000, 9999)}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"+1 {draw.Between(201, 989)}-555-01{draw.Between(10, 99)}"),
    };

    private static string Ascii(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var letter in name.Normalize(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetter(letter))
                text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}
