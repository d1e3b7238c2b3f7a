using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Tests.Records;

public sealed class DeterminismTests
{
    private static readonly Recipe Mix = Recipe.Of(42, "mix");

    [Fact]
    public void The_same_seed_gives_the_same_bytes_in_any_order_on_any_thread()
    {
        var forward = Enumerable.Range(0, 60).Select(Bytes).ToList();
        var backward = Enumerable.Range(0, 60).Reverse().Select(Bytes).Reverse().ToList();
        var parallel = Enumerable.Range(0, 60).AsParallel().AsOrdered().Select(Bytes).ToList();
        backward.ShouldBe(forward);
        parallel.ShouldBe(forward);
    }

    // A change of these bytes is a change of what users get for a seed: raise RecordMaker.Version with it, and say so in the data card.
    [Fact]
    public void A_seed_gives_the_bytes_that_it_always_gave()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100).Select(Bytes))));
        Convert.ToHexStringLower(hash).ShouldBe("a9bbf92c2f46719c0cb0918b11c924a4c629508d2a279b701f0862fe3469c0fd");
    }

    [Fact]
    public void The_language_of_the_machine_changes_nothing()
    {
        var before = Bytes(5);
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "#", NegativeSign = "~" } };
            Bytes(5).ShouldBe(before);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Another_seed_gives_other_records() =>
        RecordRows.Of(Mix, 0, RecordMaker.Make(Mix, 0), null).Transcript.ShouldNotBe(Bytes(Recipe.Of(43, "mix"), 0));

    [Theory]
    [InlineData("en")]
    [InlineData("es")]
    [InlineData("pt")]
    public void One_language_is_one_language(string language) =>
        Enumerable.Range(0, 50).Select(number => RecordMaker.Make(Recipe.Of(7, language), number).Transcript.Language).ShouldAllBe(code => code == language);

    [Fact]
    public void A_row_gives_back_the_record_it_was_made_from()
    {
        for (var number = 0; number < 100; number++)
        {
            var row = RecordRows.Of(Mix, number, RecordMaker.Make(Mix, number), null);
            RecordRows.Of(Mix, number, RecordRows.Record(row), null).ShouldBe(row);
        }
    }

    [Fact]
    public void The_date_of_a_record_is_drawn_and_not_read_from_a_clock() =>
        Enumerable.Range(0, 200).Select(number => RecordMaker.Make(Mix, number).Encounter.At).ShouldAllBe(at => at.Year == 2025 && at.DayOfWeek != DayOfWeek.Sunday);

    [Fact]
    public void The_generators_own_numbers_are_those_of_its_algorithm()
    {
        // Written down once; every machine and every version of .NET must give them.
        var draw = Draw.Of(1, 2);
        new[] { draw.Below(1000), draw.Below(1000), draw.Below(1000), draw.Between(-5, 5), draw.Below(1_000_000) }.ShouldBe([721, 276, 502, 1, 508225]);
        draw.Branch("a").Bits().ShouldBe(Draw.Of(1, 2).Branch("a").Bits());
        draw.Branch("a").Bits().ShouldNotBe(draw.Branch("b").Bits());
    }

    private static string Bytes(int number) => Bytes(Mix, number);

    private static string Bytes(Recipe recipe, int number) => RecordRows.Of(recipe, number, RecordMaker.Make(recipe, number), null).ToString();
}
