using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// The smallest protocol there can be: a WebSocket message is a text. One byte from the server is either "you are in" or, where the device asked for it,
/// "I have one more of yours".
/// </summary>
internal sealed class RawDevice(Seat seat) : Device(seat)
{
    private const byte In = (byte)'!', Taken = (byte)'+';

    protected override WebSocketAddress Address =>
        new($"/raw?room={Seat.Room}&echo={(Seat.HearsItself ? 1 : 0)}&ack={(Seat.WantsAcknowledgements ? 1 : 0)}");

    protected override void OnOpened()
    {
        // The address has said everything.
    }

    protected override int Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > 1)
            OnHeard(bytes.Span);
        else if (bytes.Span[0] == Taken)
            OnAcknowledged(1);
        else if (bytes.Span[0] == In)
            OnReady();
        return bytes.Length;
    }

    protected override void Encode(ReadOnlySpan<byte> text) => Say(text);
}
