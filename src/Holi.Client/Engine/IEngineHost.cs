using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>
/// What the engine asks of the world. The shell does it with a socket, a disk and threads; the simulator with virtual time.
/// Rules: a call returns at once; its answer comes later as an input of the engine, never from inside the call.
/// After each input the host looks at <see cref="DeviceEngine.NextDeadline"/>, <see cref="DeviceEngine.TryFill"/>,
/// <see cref="DeviceEngine.MayReceive"/> and <see cref="DeviceEngine.MayQueue"/>.
/// </summary>
internal interface IEngineHost
{
    /// <summary>Open a socket. Answer: <see cref="DeviceEngine.OnOpened"/> or <see cref="DeviceEngine.OnClosed"/> with this number.</summary>
    void Connect(int connection);

    /// <summary>
    /// Abort this socket, or the opening of it. No answer; whatever it still says is ignored. <paramref name="code"/>: the gateway's
    /// mistake, to close with where that can be done without waiting; else None.
    /// </summary>
    void Drop(int connection, HoliCode code);

    /// <summary>One transaction, never a second before the first is answered. Answer: <see cref="DeviceEngine.OnWritten"/> or <see cref="DeviceEngine.OnWriteFailed"/>.</summary>
    void Write(IReadOnlyList<StoreWrite> batch);

    /// <summary>Read a page of the outbox. Answer: <see cref="DeviceEngine.OnOutboxRead"/> or <see cref="DeviceEngine.OnReadFailed"/> with this number.</summary>
    void ReadOutbox(int read, ulong after, int countMax, int bytesMax);

    /// <summary>Ask the app for a token. Answer: <see cref="DeviceEngine.OnToken"/> or <see cref="DeviceEngine.OnTokenFailed"/>.</summary>
    void FetchToken();

    /// <summary>Something happened that somebody may want to know.</summary>
    void Notify(EngineNotice notice);
}
