using System.Security.Cryptography;
using System.Text;
using Holi.CoPilot.Cache;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Templates;

namespace Holi.CoPilot.Tests.Cache;

public sealed class SealedNotesTests
{
    private static readonly SealedNotes Seals = new(RandomNumberGenerator.GetBytes(32));

    private static readonly Note Note = TemplateNote.Of(
        Samples.Request() with { Patient = new PatientContext { Problems = ["asthma"] } }, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1.5), [new NoteAttempt("cloud", "timeout", TimeSpan.FromSeconds(1))]);

    [Fact]
    public void What_was_sealed_opens_as_it_was()
    {
        var opened = Seals.Open("key", Seals.Seal("key", Note)).ShouldNotBeNull();
        opened.Sections.Select(section => section.Title).ShouldBe(Note.Sections.Select(section => section.Title));
        opened.Provenance.Latency.ShouldBe(TimeSpan.FromSeconds(1.5));
        opened.IsDraft.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_of_it_can_be_read() => Encoding.UTF8.GetString(Seals.Seal("key", Note)).ShouldNotContain("asthma");

    [Fact]
    public void It_opens_for_no_other_request_and_under_no_other_key()
    {
        var box = Seals.Seal("key", Note);
        Seals.Open("other", box).ShouldBeNull();
        new SealedNotes(RandomNumberGenerator.GetBytes(32)).Open("key", box).ShouldBeNull();
    }

    [Fact]
    public void Whatever_byte_is_altered_it_does_not_open()
    {
        var box = Seals.Seal("key", Note);
        for (var i = 0; i < box.Length; i += 7)
        {
            box[i] ^= 1;
            Seals.Open("key", box).ShouldBeNull();
            box[i] ^= 1;
        }
        Seals.Open("key", box.AsSpan(0, 10)).ShouldBeNull();
        Seals.Open("key", box).ShouldNotBeNull();
    }
}
