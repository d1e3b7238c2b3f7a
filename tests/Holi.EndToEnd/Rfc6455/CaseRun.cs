using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.Rfc6455;

/// <summary>One case, tried on one connection of a device that was welcomed: sends, and keeps what comes until the connection has ended.</summary>
internal sealed class CaseRun : IDisposable
{
    private const string Probe = "still open?";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RawSocket _socket;
    private readonly WireCase _case;
    private readonly Lock _lock = new();
    private readonly List<ulong> _answers = [];
    private readonly List<string> _pongs = [];
    private readonly List<int> _closes = [];
    private readonly TaskCompletionSource _welcomed = Source(), _answered = Source(), _probed = Source(), _closed = Source();

    private CaseRun(RawSocket socket, WireCase wireCase) => (_socket, _case) = (socket, wireCase);

    /// <summary>What was found, in words; null where it is what must be found.</summary>
    public static async Task<string?> TryAsync(WireCase wireCase, Chop chop, GatewayProcess gateway, string token, bool afterHttp = false)
    {
        using var run = new CaseRun(await RawSocket.OpenAsync(gateway, afterHttp: afterHttp), wireCase);
        return await run.TryAsync(chop, token);
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string?> TryAsync(Chop chop, string token)
    {
        var reading = ReadAsync();
        var hello = new ArrayBufferWriter<byte>();
        new HelloFrame { Token = token, Device = "case-" + Guid.NewGuid().ToString("N"), BulkCredit = 1 << 20 }.Write(hello);
        await SendAsync(Sent.Frame(Sent.Binary, hello.WrittenSpan.ToArray()));
        await _welcomed.Task.WaitAsync(Patience);
        foreach (var bytes in Chops.Of(_case.Sends, chop))
            await SendAsync(bytes);
        await Task.WhenAny(_answered.Task, reading).WaitAsync(Patience);
        if (_case.HalfCloses && _case.Ends == WireCase.Cut)
            _socket.EndSending();
        if (_case.Ends == WireCase.Open)
            await CloseOpenAsync(reading);
        await Task.WhenAny(_closed.Task, reading).WaitAsync(Patience);
        foreach (var bytes in Chops.Of(_case.Then, chop))
            await SendAsync(bytes);
        // The answer to the gateway's close; nothing else will come from here, also where it is taken for the rest of a frame.
        if (!HasClosed() && !_case.HalfCloses)
            await SendAsync(Sent.Closes(1000));
        if (!HasClosed())
            _socket.EndSending();
        await reading.WaitAsync(Patience);
        lock (_lock)
            return Holds() ? null : $"answers [{string.Join(' ', _answers)}] pongs [{string.Join(' ', _pongs)}] closes [{string.Join(' ', _closes)}]";
    }

    private async Task CloseOpenAsync(Task reading)
    {
        await SendAsync(Sent.Frame(Sent.Ping, Probe));
        await Task.WhenAny(_probed.Task, reading).WaitAsync(Patience);
        await SendAsync(Sent.Closes(1000));
    }

    // Then the gateway must end the TCP connection without being told more.
    private bool HasClosed() => _case.Ends == WireCase.Open || _case.Sends.Concat(_case.Then).Any(f => (f[0] & 0x0F) == Sent.Close);

    private async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // The gateway has ended the connection: what came until then decides.
        }
    }

    private async Task ReadAsync()
    {
        if (_case.Answers + _case.Pongs.Length == 0)
            _answered.TrySetResult();
        while (await _socket.NextAsync() is var (opcode, payload) && opcode != 0)
        {
            lock (_lock)
                Take(opcode, payload);
        }
    }

    private void Take(int opcode, byte[] payload)
    {
        switch (opcode)
        {
            case Sent.Pong when payload.AsSpan().SequenceEqual(Sent.Bytes(Probe)):
                _probed.TrySetResult();
                break;
            case Sent.Pong:
                _pongs.Add(Convert.ToHexString(payload));
                break;
            case Sent.Close:
                _closes.Add(BinaryPrimitives.ReadUInt16BigEndian(payload));
                _closed.TrySetResult();
                break;
            default:
                TakeMessage(payload);
                break;
        }
        if (_answers.Count >= _case.Answers && (_case.Pongs.Length == 0 || (_pongs.Count > 0 && _pongs[^1] == Hex(_case.Pongs[^1]))))
            _answered.TrySetResult();
    }

    private void TakeMessage(byte[] message)
    {
        var reader = new FrameReader(new(message));
        while (reader.TryRead(out var frame, out _))
        {
            if (frame.Kind == FrameKind.Welcome)
                _welcomed.TrySetResult();
            else if (frame.Kind == FrameKind.Pong && PongFrame.TryRead(frame.Body, out var pong, out _))
                _answers.Add(pong.Nonce);
        }
    }

    // Where the connection fails, what was asked before may be answered or not (§7.1.7; Autobahn calls both right): but in order, and nothing else. Of
    // pings the last is answered; an answer to it answers those before that came while something else was being written (§5.5.3).
    private bool Holds()
    {
        var mayBeFewer = _case.Ends is not (WireCase.Open or WireCase.Cut);
        var answers = Enumerable.Range(1, mayBeFewer ? Math.Min(_answers.Count, _case.Answers) : _case.Answers).Select(n => (ulong)n);
        int[] closes = _case.Ends switch { WireCase.Open => [1000], WireCase.Cut => [], var status => [status] };
        return _answers.SequenceEqual(answers) && PongsHold(mayBeFewer) && _closes.SequenceEqual(closes);
    }

    private bool PongsHold(bool mayBeFewer)
    {
        var next = 0;
        foreach (var pong in _case.Pongs)
            next += next < _pongs.Count && _pongs[next] == Hex(pong) ? 1 : 0;
        var endsWell = _case.Pongs.Length == 0 || (_pongs.Count > 0 && _pongs[^1] == Hex(_case.Pongs[^1]));
        return next == _pongs.Count && (mayBeFewer || endsWell);
    }

    private static string Hex(string text) => Convert.ToHexString(Sent.Bytes(text));

    private static TaskCompletionSource Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
