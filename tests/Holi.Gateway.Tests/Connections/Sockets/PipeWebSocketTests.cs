using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Holi.Gateway.Connections.Sockets;

namespace Holi.Gateway.Tests.Connections.Sockets;

/// <summary>The two that write to one WebSocket: the pump, and the reader that answers pings.</summary>
public sealed class PipeWebSocketTests
{
    // Less than one frame: whoever writes waits until the peer reads.
    private static readonly PipeOptions Narrow = new(pauseWriterThreshold: 16, resumeWriterThreshold: 8, useSynchronizationContext: false);

    private readonly Pipe _up = new();
    private readonly Pipe _down = new(Narrow);

    [Fact]
    public async Task Behind_the_answer_to_a_ping_that_the_peer_does_not_read_a_message_waits_without_turning_in_a_circle()
    {
        using var socket = new PipeWebSocket(new Duplex(_up.Reader, _down.Writer), () => { });
        var reading = socket.ReceiveAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken).AsTask();
        await _up.Writer.WriteAsync(Ping(bytes: 100), TestContext.Current.CancellationToken);
        _down.Reader.AdvanceTo((await _down.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.Start);

        var posts = new CountPosts();
        Task sending;
        SynchronizationContext.SetSynchronizationContext(posts);
        try
        {
            sending = socket.SendAsync((ArraySegment<byte>)"later"u8.ToArray(), WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        sending.IsCompleted.ShouldBeFalse();
        posts.Count.ShouldBe(0, "it waits for its turn, and does not ask for it again and again");

        var received = new ArrayBufferWriter<byte>();
        while (received.WrittenCount < 2 + 100 + 2 + 5)
        {
            var read = await _down.Reader.ReadAsync(TestContext.Current.CancellationToken);
            foreach (var part in read.Buffer)
                received.Write(part.Span);
            _down.Reader.AdvanceTo(read.Buffer.End);
        }
        await sending;
        received.WrittenSpan[..2].ToArray().ShouldBe([0x8A, 100], "the answer first, whole");
        received.WrittenSpan[102..].ToArray().ShouldBe([0x82, 5, .. "later"u8]);
        await _up.Writer.CompleteAsync();
        await Should.ThrowAsync<WebSocketException>(reading);
    }

    // A mask of zeros leaves the payload as it is.
    private static byte[] Ping(int bytes) => [0x89, (byte)(0x80 | bytes), 0, 0, 0, 0, .. new byte[bytes]];

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class CountPosts : SynchronizationContext
    {
        public int Count { get; private set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Count++;
            ThreadPool.QueueUserWorkItem(_ => d(state));
        }
    }
}
