using System.Collections.Concurrent;
using System.Globalization;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// What everybody in one run said, and what became of it as far as they were told. A text names its tenant, who said it and its number, so that
/// whoever reads it can tell whether it belongs there.
/// </summary>
internal sealed class Spoken
{
    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private long _operations;

    /// <summary>Everything that was tried, whatever became of it.</summary>
    public long Operations => Interlocked.Read(ref _operations);

    /// <summary>Texts that were acknowledged: durable on a device, or committed by the gateway. With the topic of each.</summary>
    public IReadOnlyDictionary<string, string> Acknowledged => _acknowledged;

    public void Tried() => Interlocked.Increment(ref _operations);

    public void Acknowledge(string text, string topic) => _acknowledged[text] = topic;

    /// <summary>Who says a message of a backend that is delivered at a time of its own.</summary>
    public const string Reminder = "reminder";

    /// <summary>Who says what a backend adds to the Redis stream.</summary>
    public const string Stream = "redis";

    /// <summary>
    /// True where messages come in the order of their numbers. What is added to the stream again, because it was not known whether it had been taken, comes
    /// when it is; what is due at a time, then.
    /// </summary>
    public static bool IsOrdered(string who) => who is not (Stream or Reminder);

    public static string Text(string tenant, string who, int number) => string.Create(CultureInfo.InvariantCulture, $"{tenant}|{who}|{number}");

    public static (string Tenant, string Who, int Number) Parse(string text)
    {
        var parts = text.Split('|');
        return (parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
