namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>
/// The list, by the groups of the Autobahn suite: 1 framing, 2 pings, 3 reserved bits, 4 opcodes, 5 fragments, 6 UTF-8, 7 closes, 9 sizes. Its 8 (the
/// opening handshake, never written there) is <see cref="UpgradeCases"/>, and its 10 (frames as the gateway writes them) is
/// checked on every frame that comes. Two things do not apply. holi.v1 has no text messages: what 1.1 and 6 say of them has one answer, 4401; the rules of
/// UTF-8 are tried on reasons of closes. It negotiates no extension: of 12 and 13, compression, is left that an offer is not taken up and that RSV1 is an error.
/// Autobahn's twins that send the same in pieces (2.6, 2.11, 5.4, 5.5, 5.7, 5.8, 5.11, 5.14, 5.20) are no cases here: every case is sent in every <see cref="Chop"/>.
/// </summary>
internal static class WireCases
{
    public static IReadOnlyList<WireCase> All { get; } =
        [.. FramingCases.All, .. PingCases.All, .. ReservedCases.All, .. FragmentCases.All, .. TextCases.All, .. CloseCases.All, .. LimitCases.All];
}
