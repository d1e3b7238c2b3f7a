using System.Buffers;
using System.Text.Json;
using Holi.EndToEnd.Gateways;
using Holi.Load.Gateways;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.Rfc6455.Peers;

/// <summary>What a peer on somebody else's WebSocket is given, and what it must find, whoever wrote it.</summary>
internal sealed record Found(
    string? Subprotocol, string? Extensions, int Answers, string? Pong, int Closed, int Refused, string? Reason, string? Failure = null)
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    /// <summary>Three questions answered: in one frame, in fragments, in the largest message; a close answered with 1000; a text message refused.</summary>
    public static Found Right(string? pong) => new("holi.v1", "", 3, pong, 1000, (int)HoliCode.TextMessage, "text-message");

    public static Found Of(string json) => JsonSerializer.Deserialize<Found>(json, CamelCase)!;

    /// <summary>What a script is given, as JSON: where to connect, and in hex Hello of somebody new, a question, and one that fills the largest message.</summary>
    public static string Given(GatewayProcess gateway)
    {
        var messages = Messages(gateway).Select(Convert.ToHexString).ToArray();
        return JsonSerializer.Serialize(new { url = gateway.Endpoint.ToString(), hello = messages[0], question = messages[1], largest = messages[2] });
    }

    /// <summary>The same three as bytes.</summary>
    public static byte[][] Messages(GatewayProcess gateway)
    {
        var hello = new ArrayBufferWriter<byte>();
        var token = gateway.Tokens.For(SharedGateway.Somebody("peer"));
        new HelloFrame { Token = token, Device = "peer-" + Guid.NewGuid().ToString("N"), BulkCredit = 1 << 20 }.Write(hello);
        return [hello.WrittenSpan.ToArray(), Sent.Question(1, 9), Sent.Question(2, WireLimits.MessageBytesMax)];
    }
}
