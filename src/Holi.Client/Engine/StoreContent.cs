namespace Holi.Client.Engine;

/// <summary>What the store held when it was opened.</summary>
internal sealed record StoreContent(
    DeviceIdentity Identity, (long Count, long Bytes) OutboxSize, IReadOnlyList<ReplicaTopic> Topics, StoreDamage Damage)
{
    public static StoreContent Read(IDeviceStore store) =>
        new(store.ReadIdentity(), store.ReadOutboxSize(), store.ReadTopics(), store.Damage);
}
