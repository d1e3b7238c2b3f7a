using System.Globalization;

namespace Holi.Load.Scenarios.Overload;

/// <summary>The numbers of all messages that are offered, which of them were acknowledged, and how often each was found in the log. Thread-safe.</summary>
internal sealed class AcknowledgedMessages
{
    private const int TextBytes = 100, MessagesMost = 64_000_000;

    private readonly byte[] _acknowledged = new byte[MessagesMost];
    private readonly byte[] _found = new byte[MessagesMost];
    private int _taken;
    private long _acknowledgedCount, _foundCount, _duplicated;

    public long Acknowledged => Interlocked.Read(ref _acknowledgedCount);

    /// <summary>Acknowledged messages that were found.</summary>
    public long Found => Interlocked.Read(ref _foundCount);

    public long Duplicated => Interlocked.Read(ref _duplicated);

    public static string Text(int message) => message.ToString(CultureInfo.InvariantCulture).PadRight(TextBytes, '.');

    /// <summary>The first of so many new numbers.</summary>
    public int Take(int count)
    {
        var first = Interlocked.Add(ref _taken, count) - count;
        return first + count <= MessagesMost ? first : throw new ArgumentException("That is more than this can count: take fewer --seconds.");
    }

    public void Acknowledge(int message)
    {
        _acknowledged[message] = 1;
        Interlocked.Increment(ref _acknowledgedCount);
    }

    /// <summary>It is in the log. Each message by one at a time.</summary>
    public void Find(string text)
    {
        var message = int.Parse(text.AsSpan(0, text.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        if (_found[message]++ > 0)
            Interlocked.Increment(ref _duplicated);
        else if (_acknowledged[message] == 1)
            Interlocked.Increment(ref _foundCount);
    }
}
