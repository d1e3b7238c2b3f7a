using System.Net.Sockets;

namespace Holi.Load.Network;

/// <summary>One connection through a <see cref="FaultProxy"/>: what each side says is forwarded as the proxy's state of the moment has it.</summary>
internal sealed class ProxiedConnection(FaultProxy proxy, Socket device, Socket gateway, long upBytesMax, long downBytesMax, bool mixes)
{
    private volatile bool _isStranded, _hasLost;

    /// <summary>True where it leads nowhere any more: each side is read and not heard, until it gives up by itself.</summary>
    public bool IsStranded { get => _isStranded; set => _isStranded = value; }

    /// <summary>True where something that was said on it has vanished.</summary>
    public bool HasLost => _hasLost;

    /// <summary>Forwards until one side ends; of a stranded one, until both have.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var up = PumpAsync(device, gateway, upBytesMax, up: true, cancel);
        var down = PumpAsync(gateway, device, downBytesMax, up: false, cancel);
        await Task.WhenAny(up, down);
        if (_isStranded)
            await Task.WhenAll(up, down);
    }

    /// <summary>Resets both sides.</summary>
    public void Cut()
    {
        FaultProxy.Reset(device);
        FaultProxy.Reset(gateway);
    }

    private async Task PumpAsync(Socket from, Socket to, long bytesMax, bool up, CancellationToken cancel)
    {
        var buffer = new byte[16_384];
        var mixer = mixes ? new FrameMixer() : null;
        // TCP has no holes: behind bytes that vanished nothing arrives on the same connection any more.
        var isDead = false;
        try
        {
            while (bytesMax > 0)
            {
                var read = await from.ReceiveAsync(buffer, cancel);
                if (read == 0)
                    return;
                var forward = buffer.AsMemory(0, (int)Math.Min(read, bytesMax));
                bytesMax -= forward.Length;
                proxy.Count(forward.Length, up);
                await TravelAsync(forward.Length, cancel);
                isDead |= _isStranded || (up ? proxy.SwallowingUp : proxy.SwallowingDown);
                if (isDead)
                {
                    _hasLost = true;
                    continue;
                }
                if (!up && proxy.Withhold is { } withhold && withhold(forward))
                    break;
                await to.SendAsync(mixer is null ? forward : mixer.Pass(forward.Span), cancel);
            }
            proxy.CountCut();
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut: the other direction ends with it.
        }
    }

    private Task TravelAsync(int bytes, CancellationToken cancel)
    {
        var time = proxy.Delay * (1 + Random.Shared.NextDouble());
        if (proxy.BytesPerSecond > 0)
            time += TimeSpan.FromSeconds((double)bytes / proxy.BytesPerSecond);
        return time > TimeSpan.Zero ? Task.Delay(time, TimeProvider.System, cancel) : Task.CompletedTask;
    }
}
