namespace Holi.Gateway.Topics;

/// <summary>
/// The gateway's own topic numbers, from 1, the smallest free one first: small numbers take fewer bytes, and since they are the
/// gateway's and not the connection's, the bytes of an event are the same for all who follow. A number is free again once no
/// connection knows it.
/// </summary>
internal sealed class TopicNumbers
{
    private readonly PriorityQueue<uint, uint> _free = new();
    private uint _last;

    public uint Take() => _free.TryDequeue(out var number, out _) ? number : ++_last;

    public void GiveBack(uint number) => _free.Enqueue(number, number);
}
