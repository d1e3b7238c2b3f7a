using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using MessagePack;
using Websocket.Client;

namespace Holi.EndToEnd.Strangers;

/// <summary>
/// A client written from protocol/holi.v1.md alone, on a WebSocket package that Holi does not use, sharing no code with Holi.Wire:
/// Hello, commands by topic name, commits, events, acknowledgements.
/// </summary>
internal sealed class ThirdPartyClient : IDisposable
{
    private const byte Hello = 0x01, Welcome = 0x02, Ping = 0x03, Pong = 0x04, Command = 0x10, Commit = 0x12, Event = 0x13, Skip = 0x14, Ack = 0x15, Topic = 0x16;

    private readonly WebsocketClient _client;
    private readonly Dictionary<ulong, string> _topics = [];
    private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();
    private ulong _seq;

    public ThirdPartyClient(Uri endpoint)
    {
        _client = new WebsocketClient(endpoint, () =>
        {
            var socket = new ClientWebSocket();
            socket.Options.AddSubProtocol("holi.v1");
            return socket;
        })
        {
            IsReconnectionEnabled = false,
        };
        _client.MessageReceived.Subscribe(message => Read(message.Binary ?? []));
    }

    /// <summary>What was heard, in order: <see cref="Welcomed"/>, <see cref="Announced"/>, <see cref="Committed"/>, <see cref="Happened"/>.</summary>
    public ChannelReader<object> Heard => _heard.Reader;

    internal sealed record Welcomed(ulong Committed, string User);
    internal sealed record Announced(string Topic);
    internal sealed record Committed(ulong Seq);
    internal sealed record Happened(string Topic, ulong Offset, ulong Member, ulong Type, byte[] Payload);

    public async Task ConnectAsync(string token, string device)
    {
        await _client.StartOrFail();
        Send(Hello, Payload((ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(12);
            writer.Write(0);
            writer.Write(token);
            writer.Write(device);
            writer.Write(0); // generation: a new one
            writer.Write(0);
            writer.Write(0);
            writer.Write(new byte[16]);
            writer.Write(100); // backlog
            writer.WriteArrayHeader(0);
            writer.Write(1 << 20);
            writer.Write(0);
            writer.Write("third party");
        }));
    }

    public ulong Create(string topic, params string[] members) => Do(topic, 8, (ref MessagePackWriter writer) =>
    {
        writer.WriteArrayHeader(2);
        writer.WriteNil();
        writer.WriteArrayHeader(members.Length);
        foreach (var member in members)
        {
            writer.WriteArrayHeader(2);
            writer.Write(member);
            writer.Write(1);
        }
    });

    public ulong Post(string topic, string text) => Do(topic, 0, (ref MessagePackWriter writer) =>
    {
        writer.WriteArrayHeader(1);
        writer.Write(text);
    });

    public void Dispose() => _client.Dispose();

    private delegate void WriteFields(ref MessagePackWriter writer);

    // §7.1: seq, target with topic number 0, the topic's name, the type if it does not fit three bits, payload.
    private ulong Do(string topic, byte type, WriteFields write)
    {
        var body = new List<byte>();
        Put(body, ++_seq);
        Put(body, Math.Min(type, (byte)7));
        Put(body, (ulong)Encoding.UTF8.GetByteCount(topic));
        body.AddRange(Encoding.UTF8.GetBytes(topic));
        if (type >= 7)
            Put(body, type);
        body.AddRange(Payload(write));
        Send(Command, [.. body]);
        return _seq;
    }

    private static byte[] Payload(WriteFields write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private void Send(byte kind, ReadOnlySpan<byte> body)
    {
        var frame = new List<byte> { kind };
        Put(frame, (ulong)body.Length);
        frame.AddRange(body);
        _client.Send([.. frame]);
    }

    private void Read(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var kind = message[at++];
            var length = (int)Take(message, ref at);
            Handle(kind, message.AsSpan(at, length).ToArray());
            at += length;
        }
    }

    private void Handle(byte kind, byte[] body)
    {
        var at = 0;
        switch (kind)
        {
            case Welcome:
                var welcome = new MessagePackReader(body);
                welcome.ReadArrayHeader();
                welcome.Skip();
                welcome.Skip();
                var committed = welcome.ReadUInt64();
                for (var skip = 0; skip < 5; skip++)
                    welcome.Skip();
                _heard.Writer.TryWrite(new Welcomed(committed, welcome.ReadString()!));
                break;
            case Topic:
                var topic = new MessagePackReader(body);
                topic.ReadArrayHeader();
                var number = topic.ReadUInt64();
                _topics[number] = topic.ReadString()!;
                _heard.Writer.TryWrite(new Announced(_topics[number]));
                break;
            case Commit:
                _heard.Writer.TryWrite(new Committed(Take(body, ref at)));
                break;
            case Event:
                ReadEvent(body);
                break;
            case Skip:
                Acknowledge(Take(body, ref at), Take(body, ref at));
                break;
            case Ping:
                Send(Pong, [.. body, 0]);
                break;
            default:
                break;
        }
    }

    private void ReadEvent(byte[] body)
    {
        var at = 0;
        var number = Take(body, ref at);
        var offset = Take(body, ref at);
        Take(body, ref at); // time
        var origin = Take(body, ref at);
        var type = (origin & 7) == 7 ? Take(body, ref at) : origin & 7;
        _heard.Writer.TryWrite(new Happened(_topics[number], offset, origin >> 3, type, body[at..]));
        Acknowledge(number, offset);
    }

    private void Acknowledge(ulong topic, ulong offset)
    {
        var body = new List<byte>();
        Put(body, topic);
        Put(body, offset);
        Send(Ack, [.. body]);
    }

    private static void Put(List<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            output.Add((byte)(value | 0x80));
        output.Add((byte)value);
    }

    private static ulong Take(byte[] input, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(input[at] & 0x7F) << shift;
            if (input[at++] < 0x80)
                return value;
        }
    }
}
