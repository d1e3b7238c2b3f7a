using System.Globalization;
using System.Text.RegularExpressions;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Connections;

public sealed partial class FrameTableTests
{
    public sealed record Row(FrameKind Kind, string Name, string From, string Lane);

    /// <summary>The table of §4, read from the text itself.</summary>
    private static readonly Row[] SpecRows = [.. File.ReadLines(SpecPath())
        .Select(line => RowPattern().Match(line))
        .Where(match => match.Success)
        .Select(match => new Row(
            (FrameKind)byte.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value))];

    [GeneratedRegex(@"^\| 0x([0-9A-F]{2}) \| (\w+) \| (device|gateway|both) \| ([^|]+) \|")]
    private static partial Regex RowPattern();

    private static string SpecPath()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "protocol", "holi.v1.md")))
            folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("protocol/holi.v1.md");
        return Path.Combine(folder, "protocol", "holi.v1.md");
    }

    [Fact]
    public void The_table_names_each_kind_of_section_4_with_its_side_and_lane()
    {
        SpecRows.Select(row => (row.Kind, row.Name)).ShouldBe(
            Enum.GetValues<FrameKind>().Select(kind => (kind, kind.ToString())), ignoreOrder: true);
        foreach (var row in SpecRows)
        {
            FrameTable.SendersOf(row.Kind).ShouldBe(Enum.Parse<Side>(row.From, ignoreCase: true), row.Name);
            FrameTable.LanesOf(row.Kind).ShouldBe(row.Lane switch
            {
                "its topic's" => LaneSet.Topic,
                "its frame's" => LaneSet.Parted,
                var lane => Enum.Parse<LaneSet>(lane, ignoreCase: true),
            }, row.Name);
        }
    }

    [Fact]
    public void Every_byte_is_known_to_the_table_and_to_the_codec_alike()
    {
        for (var kind = 0; kind < 256; kind++)
        {
            var isKnown = FrameTable.SendersOf((FrameKind)kind) != Side.None;
            isKnown.ShouldBe(FrameKinds.IsKnown((FrameKind)kind));
            (FrameTable.LanesOf((FrameKind)kind) != LaneSet.None).ShouldBe(isKnown);
        }
    }

    /// <summary>§12's first table, said once more: what a device may send in each state of the gateway.</summary>
    private static Admission GatewaySays(GatewayState state, FrameKind kind) => state switch
    {
        GatewayState.Closed => Admission.Dropped,
        GatewayState.Opened => kind is FrameKind.Hello ? Admission.Taken : Admission.Refused,
        GatewayState.Authenticating => kind is FrameKind.Command or FrameKind.CommandAgain ? Admission.Held : Admission.Refused,
        _ when kind is FrameKind.Hello => Admission.Refused,
        GatewayState.Ready => Admission.Taken,
        _ when kind is FrameKind.Ack or FrameKind.Ping or FrameKind.Pong or FrameKind.Credit => Admission.Taken,
        _ => Admission.Dropped,
    };

    /// <summary>§12's second table: what a gateway may send in each state of the device.</summary>
    private static Admission DeviceSays(DeviceState state, FrameKind kind) => state switch
    {
        DeviceState.Opening => kind is FrameKind.Welcome ? Admission.Taken : Admission.Refused,
        DeviceState.Ready or DeviceState.Draining => kind is FrameKind.Welcome ? Admission.Refused : Admission.Taken,
        _ => Admission.Dropped,
    };

    [Fact]
    public void Each_kind_in_each_state_of_each_side_is_answered_as_section_12_says()
    {
        for (var number = 0; number < 256; number++)
        {
            var kind = (FrameKind)number;
            var from = SpecRows.FirstOrDefault(row => row.Kind == kind)?.From;
            foreach (var state in Enum.GetValues<GatewayState>())
            {
                var answer = ConnectionsInState.Gateway(state).Admit(kind, out var violation);
                Check($"gateway {state} {kind}", kind, from, "device", answer, violation,
                    GatewaySays(state, kind), isOver: state is GatewayState.Closed);
            }
            foreach (var state in Enum.GetValues<DeviceState>())
            {
                var answer = ConnectionsInState.Device(state).Admit(kind, out var violation);
                Check($"device {state} {kind}", kind, from, "gateway", answer, violation,
                    DeviceSays(state, kind), isOver: state is DeviceState.Waiting or DeviceState.Connecting);
            }
        }
    }

    private static void Check(
        string where, FrameKind kind, string? from, string side, Admission answer, Violation violation, Admission expected, bool isOver)
    {
        var code = HoliCode.None;
        if (from is null)
            (expected, code) = (byte)kind >= 0x80 ? (Admission.Dropped, HoliCode.None) : (Admission.Refused, HoliCode.UnknownFrame);
        else if (!isOver && from != side && from != "both")
            expected = Admission.Refused;
        if (from is not null && expected == Admission.Refused)
            code = HoliCode.UnexpectedFrame;
        (answer, violation.Code).ShouldBe((expected, code), where);
    }
}
