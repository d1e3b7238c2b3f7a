namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>One opening handshake: the lines of a request, and how it must be answered.</summary>
/// <param name="Number">8, then case.</param>
/// <param name="Section">Of RFC 6455, unless it says of what.</param>
/// <param name="What">For people.</param>
/// <param name="Status">Of the answer; 101 where the connection is a WebSocket then.</param>
internal sealed record UpgradeCase(string Number, string Section, string What, int Status)
{
    public string Request { get; init; } = "GET /v1/ws HTTP/1.1";

    /// <summary>Header lines, by their names; null: not there. What is not named is as in <see cref="UpgradeCases.Plain"/>.</summary>
    public Dictionary<string, string?> Change { get; init; } = [];

    /// <summary>The whole head.</summary>
    public string Head =>
        Request + "\r\n" + string.Concat(UpgradeCases.Plain.Where(h => !Change.ContainsKey(h.Key)).Concat(Change!).Where(h => h.Value is not null)
            .Select(h => $"{h.Key}: {h.Value}\r\n")) + "\r\n";

    public override string ToString() => $"{Number}, §{Section}: {What}";
}

/// <summary>8: the opening handshake (§4.2), which Autobahn leaves out. What is not written as usual goes to the HTTP layer, and must come to the same.</summary>
internal static class UpgradeCases
{
    /// <summary>As most clients write it.</summary>
    public static readonly Dictionary<string, string?> Plain = new()
    {
        ["Host"] = "gateway",
        ["Connection"] = "Upgrade",
        ["Upgrade"] = "websocket",
        ["Sec-WebSocket-Version"] = "13",
        ["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ==",
        ["Sec-WebSocket-Protocol"] = "holi.v1",
    };

    public static IReadOnlyList<UpgradeCase> All { get; } =
    [
        new("8.1", "4.2.2", "as most clients write it", 101),
        new("8.2", "4.2.1", "options in another case, and others beside them", 101) { Change = new() { ["Connection"] = "keep-alive, UPGRADE", ["Upgrade"] = "WebSocket" } },
        new("8.3", "4.2.1", "names of headers in another case", 101) { Change = new() { ["Upgrade"] = null, ["UPGRADE"] = "websocket", ["sec-websocket-key"] = Plain["Sec-WebSocket-Key"], ["Sec-WebSocket-Key"] = null } },
        new("8.4", "1.9", "other subprotocols beside it", 101) { Change = new() { ["Sec-WebSocket-Protocol"] = "chat, holi.v1, soap" } },
        new("8.5", "holi.v1 §2.1", "a query, which is left to the HTTP layer", 101) { Request = "GET /v1/ws?a=b HTTP/1.1" },
        new("8.6", "9.1", "extensions that nobody takes up", 101) { Change = new() { ["Sec-WebSocket-Extensions"] = "permessage-deflate; client_max_window_bits" } },
        new("8.7", "4.2.1", "headers that say nothing here", 101) { Change = new() { ["User-Agent"] = "x", ["Cookie"] = "a=b", ["X-Empty"] = "" } },
        new("8.8", "4.2.1", "a POST", 400) { Request = "POST /v1/ws HTTP/1.1", Change = new() { ["Content-Length"] = "0" } },
        new("8.9", "4.2.1", "HTTP/1.0", 400) { Request = "GET /v1/ws HTTP/1.0" },
        new("8.10", "4.2.1", "without Host", 400) { Change = new() { ["Host"] = null } },
        new("8.11", "4.2.1", "without Upgrade", 400) { Change = new() { ["Upgrade"] = null } },
        new("8.12", "4.2.1", "to something else", 400) { Change = new() { ["Upgrade"] = "h2c" } },
        new("8.13", "4.2.1", "Connection that does not say Upgrade", 400) { Change = new() { ["Connection"] = "keep-alive" } },
        new("8.14", "4.2.1", "without a key", 400) { Change = new() { ["Sec-WebSocket-Key"] = null } },
        new("8.15", "4.2.1", "a key of 15 bytes", 400) { Change = new() { ["Sec-WebSocket-Key"] = "AAAAAAAAAAAAAAAAAAAA" } },
        new("8.16", "4.2.1", "a key that is no base64", 400) { Change = new() { ["Sec-WebSocket-Key"] = "!!!!!!!!!!!!!!!!!!!!!!==" } },
        new("8.17", "4.4", "version 12", 400) { Change = new() { ["Sec-WebSocket-Version"] = "12" } },
        new("8.18", "4.4", "version 8, the last draft's", 400) { Change = new() { ["Sec-WebSocket-Version"] = "8" } },
        new("8.19", "4.2.1", "without a version", 400) { Change = new() { ["Sec-WebSocket-Version"] = null } },
        new("8.20", "holi.v1 §2.1", "without a subprotocol", 400) { Change = new() { ["Sec-WebSocket-Protocol"] = null } },
        new("8.21", "holi.v1 §2.1", "another subprotocol", 400) { Change = new() { ["Sec-WebSocket-Protocol"] = "holi.v2" } },
        new("8.22", "holi.v1 §2.1", "the subprotocol in another case", 400) { Change = new() { ["Sec-WebSocket-Protocol"] = "HOLI.V1" } },
        new("8.23", "10.2", "a page of an origin that is not allowed", 403) { Change = new() { ["Origin"] = "https://evil.example" } },
        new("8.24", "4.2.2", "another path", 404) { Request = "GET /v1/other HTTP/1.1" },
    ];
}
