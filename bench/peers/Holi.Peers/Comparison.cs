using System.Globalization;
using System.Net.Sockets;
using Holi.Peers.Measures;
using Holi.Peers.Reports;
using Holi.Peers.Servers;

namespace Holi.Peers;

/// <summary>
/// Runs measures of peers, round by round: each round goes through all peers before the next begins, so that a machine that grows warm or busy does
/// so for all. A peer that is missing or fails says so in its own column and stops nobody else. One server lives at a time.
/// </summary>
internal sealed class Comparison(IReadOnlyList<Peer> peers, IReadOnlyList<Measure> measures, int rounds, Sizes sizes, TimeProvider time, Action<string> tell)
{
    /// <summary>Longer than any measure takes; one that hangs is given up.</summary>
    private static readonly TimeSpan MeasureTimeout = TimeSpan.FromSeconds(90);

    public async Task<IReadOnlyList<Column>> RunAsync(CancellationToken cancel)
    {
        var columns = peers.Select(peer => new Column(peer) { Missing = peer.Missing(), Version = Versions.Of(peer) }).ToArray();
        foreach (var column in columns.Where(column => column.Missing is not null))
            tell($"{column.Peer.Name}: {column.Missing}");
        for (var round = 0; round < rounds; round++)
        {
            // Backwards every other time: no peer always follows the same one.
            var present = columns.Where(column => column.Missing is null);
            foreach (var column in round % 2 == 0 ? present : present.Reverse())
                await RoundAsync(column, round, cancel);
        }
        return columns;
    }

    private async Task RoundAsync(Column column, int round, CancellationToken cancel)
    {
        IPeerServer? shared = null;
        try
        {
            foreach (var measure in measures.Where(measure => round < measure.RoundsMax && (measure.On != OnServer.OwnSpinless || column.Peer.Spins)))
            {
                if (column.Peer.LeftOut.TryGetValue(measure.Name, out var why))
                {
                    column.Note($"{measure.Name}: {why}");
                    continue;
                }
                if (measure.On is OnServer.Own or OnServer.OwnSpinless)
                {
                    await WithAsync(column, measure, round, null, cancel);
                    continue;
                }
                shared ??= await StartAsync(column, measure, round, cancel);
                if (shared is null || await WithAsync(column, measure, round, shared, cancel))
                    continue;
                // Whatever went wrong, the next measure does not inherit it.
                await shared.DisposeAsync();
                shared = null;
            }
        }
        finally
        {
            if (shared is not null)
                await shared.DisposeAsync();
        }
    }

    private async Task<bool> WithAsync(Column column, Measure measure, int round, IPeerServer? shared, CancellationToken cancel)
    {
        var server = shared ?? await StartAsync(column, measure, round, cancel);
        if (server is null)
            return false;
        // The driver's own garbage is collected between measures, not in them.
        GC.Collect();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(MeasureTimeout);
        var start = time.GetTimestamp();
        try
        {
            var figures = await measure.Run(new Bench(column.Peer, server, sizes, time), patience.Token);
            column.Add(measure, figures);
            var shown = figures.Values.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:0.###}")).Concat(figures.Notes);
            tell(string.Create(
                CultureInfo.InvariantCulture,
                $"{round + 1}/{rounds} {column.Peer.Name} {measure.Name} ({time.GetElapsedTime(start).TotalSeconds:0.0} s): {string.Join(", ", shown)}"));
            return true;
        }
        catch (Exception failed) when (failed is IOException or SocketException or HttpRequestException or InvalidOperationException
            || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            var why = failed is OperationCanceledException ? $"not over after {MeasureTimeout.TotalSeconds:0} s" : failed.Message;
            column.Note($"{measure.Name} failed: {why}");
            column.Failed = true;
            tell($"{round + 1}/{rounds} {column.Peer.Name} {measure.Name} FAILED: {why}");
            return false;
        }
        finally
        {
            if (shared is null)
                await server.DisposeAsync();
        }
    }

    private async Task<IPeerServer?> StartAsync(Column column, Measure measure, int round, CancellationToken cancel)
    {
        IPeerServer server;
        try
        {
            server = await column.Peer.Start(measure.On == OnServer.OwnSpinless, cancel);
        }
        catch (Exception failed) when (failed is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            column.Note($"{measure.Name}: it did not start: {failed.Message}");
            column.Failed = true;
            tell($"{column.Peer.Name} did not start: {failed.Message}");
            return null;
        }
        if (measure.On == OnServer.Own || await WithAsync(column, Measure.WarmUp, round, server, cancel))
            return server;
        await server.DisposeAsync();
        return null;
    }
}
