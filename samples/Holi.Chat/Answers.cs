using Holi.Client;

namespace Holi.Chat;

/// <summary>Waiting for what the gateway says to queued commands: a moment, or three days.</summary>
internal static class Answers
{
    /// <summary>Null: it is committed. Else why it was refused, for a person.</summary>
    public static async Task<string?> RefusalOfAsync(QueuedCommand queued, CancellationToken stop)
    {
        try
        {
            await queued.Committed.WaitAsync(stop);
            return null;
        }
        catch (CommandRefusedException e)
        {
            return e.Message;
        }
    }

    /// <summary>Waits until nothing is queued, but no longer than <paramref name="patience"/>: it is on disk, and is sent next time.</summary>
    public static async Task AllSentAsync(HoliStatus status, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            await foreach (var now in status.WatchAsync(either.Token))
            {
                if (now.QueuedCommands == 0)
                    return;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Next time.
        }
    }
}
