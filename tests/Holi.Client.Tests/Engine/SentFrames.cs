using System.Buffers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Client.Tests.Engine;

/// <summary>Reads what a device sent, as a gateway would. Acks and commands come out in a form that is easy to compare.</summary>
internal static class SentFrames
{
    public sealed record SentCommand(ulong Seq, uint FirstGeneration, ulong FirstSeq, uint Topic, string Name, ushort Type, byte[] Payload);

    public sealed record SentAck(uint Topic, ulong Offset);

    public static void ReadInto(List<object> sent, ReadOnlyMemory<byte> message)
    {
        var reader = new FrameReader(new ReadOnlySequence<byte>(message));
        Violation violation;
        while (reader.TryRead(out var frame, out violation))
            Read(sent, frame);
        violation.IsNone.ShouldBeTrue(violation.ToString());
    }

    private static void Read(List<object> sent, Frame frame)
    {
        Violation violation;
        switch (frame.Kind)
        {
            case FrameKind.Hello:
                HelloFrame.TryRead(frame.Body, out var hello, out violation).ShouldBeTrue();
                sent.Add(hello!);
                break;
            case FrameKind.Command:
                CommandFrame.TryRead(frame.Body, out var command, out violation).ShouldBeTrue();
                sent.Add(Of(command));
                break;
            case FrameKind.CommandAgain:
                CommandFrame.TryReadAgain(frame.Body, out var again, out violation).ShouldBeTrue();
                sent.Add(Of(again));
                break;
            case FrameKind.Ack:
                AckFrame.TryRead(frame.Body, out var ack, out violation).ShouldBeTrue();
                foreach (var entry in ack.Entries)
                    sent.Add(new SentAck(entry.Topic, entry.Offset));
                break;
            case FrameKind.Ping:
                PingFrame.TryRead(frame.Body, out var ping, out violation).ShouldBeTrue();
                sent.Add(ping);
                break;
            case FrameKind.Pong:
                PongFrame.TryRead(frame.Body, out var pong, out violation).ShouldBeTrue();
                sent.Add(pong);
                break;
            case FrameKind.Token:
                TokenFrame.TryRead(frame.Body, out var token, out violation).ShouldBeTrue();
                sent.Add(token!);
                break;
            case FrameKind.Credit:
                CreditFrame.TryRead(frame.Body, out var credit, out violation).ShouldBeTrue();
                sent.Add(credit);
                break;
            case FrameKind.Follow:
                FollowFrame.TryRead(frame.Body, out var follow, out violation).ShouldBeTrue();
                sent.Add(follow);
                break;
            case FrameKind.Watch:
                WatchFrame.TryRead(frame.Body, out var watch, out violation).ShouldBeTrue();
                sent.Add(watch);
                break;
            case FrameKind.Signal:
                SignalFrame.TryRead(frame.Body, out var signal, out violation).ShouldBeTrue();
                sent.Add(signal);
                break;
            case FrameKind.HistoryRequest:
                HistoryRequestFrame.TryRead(frame.Body, out var history, out violation).ShouldBeTrue();
                sent.Add(history);
                break;
            case FrameKind.DeviceState:
                DeviceStateFrame.TryRead(frame.Body, out var state, out violation).ShouldBeTrue();
                sent.Add(state);
                break;
            default:
                sent.Add(frame.Kind);
                break;
        }
    }

    private static SentCommand Of(CommandFrame c) =>
        new(c.Seq, c.FirstGeneration, c.FirstSeq, c.Topic, c.Topic == 0 ? c.TopicNameText : "", c.Type, c.Payload.ToArray());
}
