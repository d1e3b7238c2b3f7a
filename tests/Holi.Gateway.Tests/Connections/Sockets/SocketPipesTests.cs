using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Holi.Gateway.Connections.Sockets;

namespace Holi.Gateway.Tests.Connections.Sockets;

/// <summary>What goes through a bare socket: every byte once, in order, however much of it the system takes or gives at a time.</summary>
public sealed class SocketPipesTests : IAsyncLifetime
{
    private readonly Socket _ours = new(SocketType.Stream, ProtocolType.Tcp);
    private Socket _theirs = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        // Small buffers of the system, so that a write is taken in many parts.
        _ours.SendBufferSize = 16 * 1024;
        listening.ReceiveBufferSize = 8 * 1024;
        await _ours.ConnectAsync(listening.LocalEndPoint!, Cancel);
        _theirs = await listening.AcceptAsync(Cancel);
        _ours.Blocking = false;
    }

    public ValueTask DisposeAsync()
    {
        _ours.Dispose();
        _theirs.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_a_slow_peer_takes_in_many_parts_arrives_whole_and_in_order()
    {
        using var output = new SocketOutput(_ours);
        var sent = RandomNumberGenerator.GetBytes(4 << 20);
        var received = new byte[sent.Length];
        var reading = ReadAllAsync(received);

        var random = new Random(5);
        for (var at = 0; at < sent.Length;)
        {
            var count = Math.Min(random.Next(1, 200_000), sent.Length - at);
            output.Write(sent.AsSpan(at, count));
            (await output.FlushAsync(Cancel)).IsCompleted.ShouldBeFalse();
            at += count;
        }

        await reading;
        received.AsSpan().SequenceEqual(sent).ShouldBeTrue();
    }

    [Fact]
    public async Task A_flush_waits_for_a_peer_that_does_not_read_and_ends_with_the_socket()
    {
        using var output = new SocketOutput(_ours);
        output.Write(new byte[4 << 20]);
        var flushing = output.FlushAsync(Cancel).AsTask();
        flushing.IsCompleted.ShouldBeFalse("nobody reads");

        _ours.Dispose();

        (await flushing).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_examined_and_not_consumed_comes_again_with_what_follows_it()
    {
        var input = new SocketInput(_ours);
        await _theirs.SendAsync("ab"u8.ToArray(), Cancel);
        var read = await input.ReadAsync(Cancel);
        Text(read).ShouldBe("ab");
        input.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);

        var more = input.ReadAsync(Cancel).AsTask();
        more.IsCompleted.ShouldBeFalse("what is there was looked at already");
        await _theirs.SendAsync("cd"u8.ToArray(), Cancel);

        read = await more;
        Text(read).ShouldBe("bcd");
        input.AdvanceTo(read.Buffer.GetPosition(1));
        input.TryRead(out read).ShouldBeTrue("not all was looked at");
        Text(read).ShouldBe("cd");
        input.AdvanceTo(read.Buffer.End);

        _theirs.Shutdown(SocketShutdown.Send);
        read = await input.ReadAsync(Cancel);
        read.IsCompleted.ShouldBeTrue();
        read.Buffer.IsEmpty.ShouldBeTrue();
        input.Complete();
    }

    [Fact]
    public async Task A_socket_that_is_torn_off_ends_its_read_with_an_IOException()
    {
        var input = new SocketInput(_ours);
        var reading = input.ReadAsync(Cancel).AsTask();
        _theirs.LingerState = new LingerOption(true, 0);
        _theirs.Dispose();
        await Should.ThrowAsync<IOException>(reading);
    }

    private static string Text(ReadResult read) => System.Text.Encoding.ASCII.GetString(read.Buffer.ToArray());

    private async Task ReadAllAsync(byte[] received)
    {
        for (var at = 0; at < received.Length;)
        {
            var count = await _theirs.ReceiveAsync(received.AsMemory(at, Math.Min(30_000, received.Length - at)), Cancel);
            count.ShouldBeGreaterThan(0);
            at += count;
        }
    }
}
