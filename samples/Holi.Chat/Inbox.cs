using System.Threading.Channels;

namespace Holi.Chat;

/// <summary>What is to be done on the one loop that owns the chat, in the order in which it was posted.</summary>
internal sealed class Inbox
{
    // Whoever posts waits while this many are before them; the screen is redrawn after so many at the latest.
    private const int WaitingMax = 256, BatchMax = 64;

    private readonly Channel<Func<ValueTask>> _waiting = Channel.CreateBounded<Func<ValueTask>>(WaitingMax);

    /// <summary>The loop's side: waits for something to do, and does a batch of it. False: nothing will come any more.</summary>
    public async ValueTask<bool> TakeAsync(CancellationToken stop)
    {
        if (!await _waiting.Reader.WaitToReadAsync(stop))
            return false;
        for (var taken = 0; taken < BatchMax && _waiting.Reader.TryRead(out var act); taken++)
            await act();
        return true;
    }

    public ValueTask PostAsync(Func<ValueTask> act, CancellationToken stop) => _waiting.Writer.WriteAsync(act, stop);

    public ValueTask PostAsync(Action act, CancellationToken stop) => PostAsync(
        () =>
        {
            act();
            return ValueTask.CompletedTask;
        },
        stop);

    /// <summary>Runs something that posts. If it fails, the loop ends with its reason.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> source, CancellationToken stop)
    {
        try
        {
            await source(stop);
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            // The chat is over.
        }
        catch (Exception e)
        {
            _waiting.Writer.TryComplete(e);
        }
    }

    public void Close() => _waiting.Writer.TryComplete();
}
