using System.Text;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Messages;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>X: what gateways say to each other is theirs, whoever reads or writes on Redis.</summary>
public sealed class LineSealTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(n => (byte)n)];
    private static readonly byte[] Message = "potassium 6.9"u8.ToArray();

    [Fact]
    public void Gateways_of_one_log_understand_each_other_and_themselves_and_nobody_sees_what_they_say()
    {
        using var one = new LineSeal(Key, new NodeId(1), 10);
        using var two = new LineSeal(Key, new NodeId(2), 10);
        foreach (var message in new[] { Message, [], new byte[70_000] })
        {
            var said = one.Seal(message);
            said.Length.ShouldBe(message.Length + LineSeal.OverheadBytes);
            Open(two, said).ShouldBe(message);
            Open(one, said).ShouldBe(message);
            Open(two, said).ShouldBe(message, "it may come twice");
        }
        Encoding.Latin1.GetString(one.Seal(Message)).ShouldNotContain("potassium");
        one.Seal(Message).ShouldNotBe(one.Seal(Message));
        two.Seal(Message)[17..].ShouldNotBe(one.Seal(Message)[17..]);
    }

    [Fact]
    public void What_was_changed_cut_made_up_or_sealed_for_another_log_is_not_taken()
    {
        using var one = new LineSeal(Key, new NodeId(1), 10);
        using var two = new LineSeal(Key, new NodeId(2), 10);
        var said = one.Seal(Message);
        for (var at = 0; at < said.Length; at++)
        {
            var changed = said.ToArray();
            changed[at] ^= 0x10;
            Open(two, changed).ShouldBeNull();
            Open(two, said.AsSpan(0, at)).ShouldBeNull();
        }
        Open(two, [.. said, 0]).ShouldBeNull();
        Open(two, Message).ShouldBeNull();
        using var other = new LineSeal(new byte[32], new NodeId(1), 10);
        Open(two, other.Seal(Message)).ShouldBeNull();
        Open(two, said).ShouldBe(Message);
    }

    [Fact]
    public void B_however_many_gateways_come_and_go_their_keys_are_few()
    {
        using var here = new LineSeal(Key, new NodeId(0), 3);
        var others = Enumerable.Range(1, 20).Select(n => new LineSeal(Key, new NodeId((ulong)n), 3)).ToList();
        for (var round = 0; round < 2; round++)
            others.ForEach(other => Open(here, other.Seal(Message)).ShouldBe(Message));
        others.ForEach(other => other.Dispose());
    }

    [Fact]
    public void A_log_without_a_key_has_no_line() =>
        Should.Throw<InvalidOperationException>(() => new LineSeal(default, new NodeId(1), 3));

    private static byte[]? Open(LineSeal seal, ReadOnlySpan<byte> said)
    {
        var message = new byte[said.Length];
        return seal.TryOpen(said, message, out var length) ? message[..length] : null;
    }
}
