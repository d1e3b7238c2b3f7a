using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Holi.Client;

namespace Holi.Load.Devices;

/// <summary>
/// A device's store whose process dies (SIGKILL) at a named point of one of its writes: <c>before-</c>, <c>during-</c> or <c>after-</c>, then
/// <c>commands</c> (the outbox) or <c>events</c> (the replica with its cursor), then <c>:N</c>, counted from 1 over the writes of that sort.
/// </summary>
internal sealed class DyingStore : IDeviceStore
{
    private const int DuringMicrosecondsMost = 3_000;

    private readonly IDeviceStore _store;
    private readonly string _when;
    private readonly bool _countsCommands;
    private int _left;

    public DyingStore(IDeviceStore store, string point)
    {
        var words = point.Split('-', ':');
        (_store, _when, _countsCommands, _left) = (store, words[0], words[1] == "commands", int.Parse(words[2], CultureInfo.InvariantCulture));
    }

    public StoreDamage Damage => _store.Damage;

    public DeviceIdentity ReadIdentity() => _store.ReadIdentity();

    public void Write(IReadOnlyList<StoreWrite> writes)
    {
        var counts = writes.Any(write => _countsCommands ? write is QueueCommand : write is AppendEvents { Events.Count: > 0 });
        var dies = counts && --_left == 0;
        if (dies && _when == "before")
            Die();
        if (dies && _when == "during")
            new Thread(DieSoon).Start();
        _store.Write(writes);
        // What is on disk now is told to nobody any more.
        if (dies)
            Die();
    }

    public IReadOnlyList<OutboxCommand> ReadOutbox(ulong after, int countMax, int bytesMax) => _store.ReadOutbox(after, countMax, bytesMax);

    public (long Count, long Bytes) ReadOutboxSize() => _store.ReadOutboxSize();

    public IReadOnlyList<ReplicaTopic> ReadTopics() => _store.ReadTopics();

    public IReadOnlyList<ReplicaEvent> ReadEvents(string topic, ulong after, int countMax) => _store.ReadEvents(topic, after, countMax);

    public IReadOnlyList<ReplicaEvent> ReadEventsBack(string topic, ulong before, int countMax) => _store.ReadEventsBack(topic, before, countMax);

    public void Dispose() => _store.Dispose();

    private static void DieSoon()
    {
        var began = Stopwatch.GetTimestamp();
        var after = TimeSpan.FromMicroseconds(RandomNumberGenerator.GetInt32(DuringMicrosecondsMost));
        while (Stopwatch.GetElapsedTime(began) < after)
            Thread.SpinWait(10);
        Die();
    }

    private static void Die()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
