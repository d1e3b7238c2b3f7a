using Holi.CoPilot.Notes;
using Holi.CoPilot.Privacy;

namespace Holi.CoPilot.Tests.Privacy;

public sealed class RedactionTests
{
    private static readonly PatientIdentifiers Maria = new()
    {
        Names = ["María José López-Núñez"],
        RecordNumbers = ["MRN-0048213"],
        Phones = ["+34 612 345 678"],
        Addresses = ["Calle Mayor 12, 28013 Madrid"],
        Emails = ["maria.lopez@example.org"],
        BirthDate = new DateOnly(1980, 3, 5),
    };

    [Theory]
    // Names, in whatever case and accents, whole or in part, spelled.
    [InlineData("I am María José López-Núñez.")]
    [InlineData("MARIA JOSE LOPEZ NUNEZ")]
    [InlineData("Thank you, Mrs. lopez.")]
    [InlineData("Mari\u0301a's knee")]
    [InlineData("It is L-O-P-E-Z with a z")]
    [InlineData("l o p e z")]
    // The record number.
    [InlineData("Number MRN-0048213 please")]
    [InlineData("mrn 0048213")]
    [InlineData("zero zero four eight two one three")]
    // The phone number.
    [InlineData("call +34 612 345 678")]
    [InlineData("call 612345678")]
    [InlineData("call 612-345-678 tonight")]
    [InlineData("six one two, three four five, six seven eight")]
    [InlineData("seis uno dos tres cuatro cinco seis siete ocho")]
    [InlineData("seis um dois três quatro cinco seis sete oito")]
    // The address.
    [InlineData("I live at Calle Mayor 12, 28013 Madrid")]
    [InlineData("in the calle mayor")]
    [InlineData("from madrid")]
    // The mail address.
    [InlineData("maria.lopez@example.org")]
    [InlineData("maria dot lopez at example dot org")]
    [InlineData("maria punto lopez arroba example punto org")]
    // The date of birth.
    [InlineData("born 1980-03-05")]
    [InlineData("born 05/03/1980")]
    [InlineData("born 3/5/80")]
    [InlineData("born on March 5th, 1980")]
    [InlineData("born on the fifth of March 1980")]
    [InlineData("nací el 5 de marzo de 1980")]
    [InlineData("nasci em 5 de março de 1980")]
    [InlineData("nací el cinco de marzo")]
    public void What_is_known_of_the_patient_leaves_however_it_is_said(string text)
    {
        var redaction = new Redaction(Maria);
        var redacted = redaction.Redact(text);
        redacted.ShouldContain("[");
        foreach (var word in new[] { "maria", "lopez", "nunez", "0048213", "612", "345", "calle", "mayor", "madrid", "28013", "example", "1980", "march", "marzo", "siete", "seven", "sete", "l-o-p", "l o p" })
            Texts.FoldedText.Of(redacted).ShouldNotContain(word);
        redaction.Restore(redacted, out var unknown).ShouldBe(text);
        unknown.ShouldBeFalse();
    }

    [Theory]
    [InlineData("write to somebody.else@clinic.example")]
    [InlineData("see www.example.com/me")]
    [InlineData("his number is 555 123 4567")]
    [InlineData("her record number is 99812")]
    [InlineData("on 12/11/2024")]
    [InlineData("Dr. Patel sent me")]
    [InlineData("la señora Gómez me dijo")]
    [InlineData("a Dona Ana disse")]
    [InlineData("My name is Peter Miller")]
    [InlineData("me llamo Ana Ruiz")]
    [InlineData("CPF 123.456.789-09")]
    [InlineData("DNI 12345678Z")]
    [InlineData("SSN 078-05-1120")]
    public void What_looks_like_an_identifier_of_anybody_leaves_too(string text)
    {
        var redaction = new Redaction(new PatientIdentifiers());
        var redacted = redaction.Redact(text);
        redacted.ShouldContain("[");
        redaction.Restore(redacted, out _).ShouldBe(text);
    }

    [Theory]
    [InlineData("Blood pressure 132/84, pulse 72, temperature 36.8, saturation 98.")]
    [InlineData("Metformin 500 mg twice a day for 3 months")]
    [InlineData("Platelets 250,000 and potassium 4.1")]
    [InlineData("I don't sleep well, and my knee hurts since last March.")]
    [InlineData("A medicine called Amoxicillin")]
    [InlineData("Take your Lisinopril in the morning")]
    public void What_a_model_needs_stays(string text) => new Redaction(new PatientIdentifiers()).Redact(text).ShouldBe(text);

    [Fact]
    public void The_same_words_get_the_same_token_and_other_words_another()
    {
        var redaction = new Redaction(new PatientIdentifiers { Names = ["Ana Ruiz", "Leo Ruiz"] });
        redaction.Redact("Ana came with Leo. Ana coughs.").ShouldBe("[NAME-1] came with [NAME-2]. [NAME-1] coughs.");
    }

    [Theory]
    [InlineData("[NAME-1] coughs")]
    [InlineData("NAME-1 coughs")]
    [InlineData("[name-1] coughs")]
    public void A_token_is_put_back_however_the_model_wrote_it(string written)
    {
        var redaction = new Redaction(new PatientIdentifiers { Names = ["Ana"] });
        redaction.Redact("Ana coughs");
        redaction.Restore(written, out var unknown).ShouldBe("Ana coughs");
        unknown.ShouldBeFalse();
    }

    [Fact]
    public void A_token_that_was_never_given_out_is_told_and_left()
    {
        new Redaction(new PatientIdentifiers()).Restore("[NAME-7] coughs", out var unknown).ShouldBe("[NAME-7] coughs");
        unknown.ShouldBeTrue();
    }

    [Fact]
    public void What_already_looks_like_a_token_comes_back_as_it_was()
    {
        var redaction = new Redaction(new PatientIdentifiers { Names = ["Ana"] });
        const string Text = "The form said [NAME-1] and Ana signed.";
        var redacted = redaction.Redact(Text);
        redacted.ShouldBe("The form said [TEXT-1] and [NAME-1] signed.");
        redaction.Restore(redacted, out _).ShouldBe(Text);
    }

    [Fact]
    public void A_text_made_to_be_slow_is_not()
    {
        var redaction = new Redaction(Maria);
        foreach (var text in new[] { "record" + new string(' ', 100_000) + "x", new string('1', 100_000), string.Concat(Enumerable.Repeat("a@", 50_000)), string.Concat(Enumerable.Repeat("Dr ", 30_000)), string.Concat(Enumerable.Repeat("l-o-p-e-", 10_000)) })
            redaction.Restore(redaction.Redact(text), out _).ShouldBe(text);
    }

    [Fact]
    public void A_context_leaves_without_identifiers()
    {
        var patient = new PatientContext { Problems = ["fell at Calle Mayor"], Identifiers = Maria };
        var redacted = new Redaction(Maria).Redact(patient);
        redacted.Problems.ShouldHaveSingleItem().ShouldNotContain("Mayor");
        redacted.Identifiers.Names.ShouldBeEmpty();
    }
}
