using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>
/// Does the disk's work beside the loop, on the pool: no thread waits for a disk that has nothing to do. The engine gives one batch at a
/// time, so the store has one writer.
/// </summary>
internal sealed class StoreWorker(SharedStore store, EngineLoop loop)
{
    public void Write(IReadOnlyList<StoreWrite> batch) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Worker.WriteAsync(work.Batch), (Worker: this, Batch: batch), preferLocal: false);

    public void Read(int read, ulong after, int countMax, int bytesMax) =>
        _ = Task.Run(() => ReadAsync(read, after, countMax, bytesMax));

    private async Task WriteAsync(IReadOnlyList<StoreWrite> batch)
    {
        DeviceIdentity? changed = null;
        Exception? reason = null;
        try
        {
            changed = store.Use(disk =>
            {
                disk.Write(batch);
                return batch[0] is StartGeneration ? disk.ReadIdentity() : null;
            });
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            reason = failed;
            loop.Report(HoliCode.StorageUnavailable, "The device's store could not be written.", failed);
        }
        await loop.PostAsync(reason is null
            ? (engine, time) => engine.OnWritten(changed, time)
            : (engine, time) => engine.OnWriteFailed(reason, time)).ConfigureAwait(false);
    }

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
