using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>The reader's own promise: the first field that is not as asked ends it, quietly and for good.</summary>
public sealed class PayloadReaderTests
{
    [Fact]
    public void Fields_are_read_in_turn()
    {
        var payload = Pack.Of(-5, "text", true, 1.5, new byte[] { 1, 2 }, null, new object?[] { 1, 2, 3 }, 9);
        var reader = new PayloadReader(Pack.Sequence(payload));
        reader.Next.ShouldBe(PayloadKind.Whole);
        reader.Whole(-5, 0).ShouldBe(-5);
        reader.Text(4).ShouldBe("text");
        reader.Boolean().ShouldBeTrue();
        reader.Real().ShouldBe(1.5);
        reader.Binary(2, 2).Length.ShouldBe(2);
        reader.Next.ShouldBe(PayloadKind.Nil);
        reader.OptionalText(10).ShouldBeNull();
        reader.BeginArray(3).ShouldBe(3);
        reader.Number32().ShouldBe(1u);
        reader.End();
        reader.Whole(9, 9).ShouldBe(9);
        reader.Next.ShouldBe(PayloadKind.End);
        reader.OptionalNumber().ShouldBeNull();
        reader.IsValid.ShouldBeTrue();
    }

    [Fact]
    public void After_a_mistake_nothing_more_is_read()
    {
        var reader = new PayloadReader(Pack.Sequence(Pack.Of("text", 7, new object?[] { 1 })));
        reader.Whole(0, 9).ShouldBe(0);
        reader.IsValid.ShouldBeFalse();
        reader.Whole(0, 9).ShouldBe(0);
        reader.Text(9).ShouldBe("");
        reader.BeginArray().ShouldBe(0);
        reader.Raw().IsEmpty.ShouldBeTrue();
        reader.End();
        reader.Next.ShouldBe(PayloadKind.End);
        reader.IsValid.ShouldBeFalse();
    }

    [Fact]
    public void A_map_gives_its_keys_and_values_in_turn()
    {
        var map = new Dictionary<string, object?> { ["a"] = 1, ["b"] = new object?[] { 2 } };
        var reader = new PayloadReader(Pack.Sequence(Pack.Of(map, "after")));
        reader.BeginMap().ShouldBe(2);
        reader.Text(1).ShouldBe("a");
        reader.Whole(1, 1);
        reader.Text(1).ShouldBe("b");
        Convert.ToHexString(System.Buffers.BuffersExtensions.ToArray(reader.Raw())).ShouldBe("9102");
        reader.End();
        reader.Text(5).ShouldBe("after");
        reader.IsValid.ShouldBeTrue();
    }

    [Fact]
    public void It_goes_as_deep_as_the_rules_allow()
    {
        var reader = new PayloadReader(Pack.Sequence([.. Enumerable.Repeat((byte)0x91, WireLimits.PayloadDepthMax - 1), 0x90]));
        for (var level = 1; level < WireLimits.PayloadDepthMax; level++)
            reader.BeginArray().ShouldBe(level == WireLimits.PayloadDepthMax - 1 ? 0 : 1);
        for (var level = 1; level < WireLimits.PayloadDepthMax; level++)
            reader.End();
        reader.Next.ShouldBe(PayloadKind.End);
        reader.IsValid.ShouldBeTrue();
    }

    [Fact]
    public void A_value_of_any_kind_can_be_kept_and_read_later()
    {
        PayloadValue.TryFrom(Pack.Hex("93 01 a1 61 c0"), out var value).ShouldBeTrue();
        var reader = value.Read();
        reader.BeginArray().ShouldBe(3);
        reader.Whole(1, 1).ShouldBe(1);
        reader.Text(1).ShouldBe("a");
        reader.End();
        reader.IsValid.ShouldBeTrue();

        PayloadValue.TryFrom(Pack.Hex("01 02"), out _).ShouldBeFalse("two values");
        PayloadValue.TryFrom([], out _).ShouldBeFalse("none");
        PayloadValue.TryFrom(Pack.Hex("d4 01 00"), out _).ShouldBeFalse("an extension");
        default(PayloadValue).IsNil.ShouldBeTrue();
        PayloadValue.Of(5).ShouldBe(PayloadValue.Of(5));
        PayloadValue.Of(5).ShouldNotBe(PayloadValue.Of("5"));
    }
}
