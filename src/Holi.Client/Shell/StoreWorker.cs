using Holi.Client.Engine;
using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>
/// Does the disk's work. What is fsynced, and what is read, is done beside the loop, on the pool: the loop never waits for a disk. What is only
/// written goes into the system's memory, sooner than another thread would have woken up for it. The engine gives one batch at a time, so the
/// store has one writer.
/// </summary>
internal sealed class StoreWorker(SharedStore store, EngineLoop loop)
{
    public void Write(IReadOnlyList<StoreWrite> batch) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.Worker.WriteAsync(work.Batch), (Worker: this, Batch: batch), preferLocal: false);

    /// <summary>Writes on the caller's thread. Returns what to tell the engine.</summary>
    public Action<DeviceEngine, EngineTime> WriteNow(IReadOnlyList<StoreWrite> batch)
    {
        try
        {
            var changed = store.Use(disk =>
            {
                disk.Write(batch);
                return batch[0] is StartGeneration ? disk.ReadIdentity() : null;
            });
            return (engine, time) => engine.OnWritten(changed, time);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            loop.Report(HoliCode.StorageUnavailable, "The device's store could not be written.", failed);
            return (engine, time) => engine.OnWriteFailed(failed, time);
        }
    }

    public void Read(int read, ulong after, int countMax, int bytesMax) =>
        _ = Task.Run(() => ReadAsync(read, after, countMax, bytesMax));

    private async Task WriteAsync(IReadOnlyList<StoreWrite> batch) => await loop.PostAsync(WriteNow(batch)).ConfigureAwait(false);

    private async Task ReadAsync(int read, ulong after, int countMax, int bytesMax)
    {
        try
        {
            var commands = store.Use(disk => disk.ReadOutbox(after, countMax, bytesMax));
            await loop.PostAsync((engine, time) => engine.OnOutboxRead(read, commands, time)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            loop.Report(HoliCode.StorageUnavailable, "The device's outbox could not be read.", failed);
            await loop.PostAsync((engine, time) => engine.OnReadFailed(read, time)).ConfigureAwait(false);
        }
    }
}
