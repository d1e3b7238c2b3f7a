using System.Net.Sockets;

namespace Holi.Gateway.Ops.Doctor;

/// <summary>Does anybody listen where measurements are to go?</summary>
internal static class CollectorCheck
{
    private const string Subject = "collector";

    // The conventional ports: over gRPC, and over HTTP.
    private const int GrpcPort = 4317;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<Finding> LookAsync(Uri address, CancellationToken cancel)
    {
        if (address.Port == GrpcPort)
        {
            return Finding.Problem(
                Subject, $"{address} is the usual port of OTLP over gRPC", "the gateway speaks OTLP over HTTP, and nothing arrives", "name the collector's HTTP port, usually 4318");
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.IdnHost, address.Port, patience.Token);
            return Finding.Fine(Subject, $"{address} listens");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            var failure = e is SocketException refused ? refused.SocketErrorCode.ToString() : "no answer";
            return Finding.Warning(
                Subject, $"{address} cannot be reached ({failure})", "what is measured goes nowhere; the gateway itself does not mind",
                "check the address, and that this machine may reach it");
        }
    }
}
