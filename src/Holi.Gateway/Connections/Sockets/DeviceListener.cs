using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Holi.Gateway.Ops;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// Listens where devices connect. <see cref="SocketTakeover"/> serves theirs from the bare socket, and Kestrel is given the others, on its own transport:
/// a quiet connection costs about half of what it would cost behind Kestrel.
/// </summary>
internal sealed class DeviceListener : IConnectionListener
{
    private static readonly TimeSpan OutOfHandlesPause = TimeSpan.FromMilliseconds(100);

    private readonly long _socketsMax = OpenFiles.Sockets(OpenFiles.Limit());
    private readonly Socket _listening;
    private readonly SocketTakeover _takeover;
    private readonly SocketConnectionContextFactory _http;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    // What Kestrel has not fetched yet; it fetches at once, so this is short.
    private readonly Channel<ConnectionContext> _others = Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true });

    private int _kestrels;

    /// <param name="listening">Bound and listening; becomes the listener's own.</param>
    /// <param name="takeover">Gets every socket first.</param>
    /// <param name="http">Makes Kestrel's connection of what is not taken over.</param>
    /// <param name="time">For the pause while no handle is left.</param>
    /// <param name="log">For faults.</param>
    public DeviceListener(Socket listening, SocketTakeover takeover, SocketConnectionContextFactory http, TimeProvider time, ILogger log)
    {
        (_listening, _takeover, _http, _time, _log) = (listening, takeover, http, time, log);
        EndPoint = listening.LocalEndPoint!;
        _ = AcceptAllAsync();
    }

    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _others.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && _others.Reader.TryRead(out var next) ? next : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _listening.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _listening.AcceptAsync().ConfigureAwait(false);
                if (_takeover.Sockets + Volatile.Read(ref _kestrels) < _socketsMax)
                    _ = PlaceAsync(socket);
                else
                    // There is no room to say why; its device tries again, later and later.
                    socket.Dispose();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted)
            {
                break;
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // It waits in the backlog until something else has ended.
                await Task.Delay(OutOfHandlesPause, _time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // That one was gone before it was accepted.
            }
        }
        _others.Writer.TryComplete();
    }

    private async Task PlaceAsync(Socket socket)
    {
        try
        {
            if (!await _takeover.TryTakeAsync(socket).ConfigureAwait(false))
                PassOn(_http.Create(socket));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
        catch (Exception fault)
        {
            socket.Dispose();
            GatewayLog.SocketFault(_log, fault);
        }
    }

    private void PassOn(ConnectionContext connection)
    {
        Interlocked.Increment(ref _kestrels);
        connection.ConnectionClosed.UnsafeRegister(static listener => Interlocked.Decrement(ref ((DeviceListener)listener!)._kestrels), this);
        if (!_others.Writer.TryWrite(connection))
            connection.Abort();
    }
}
