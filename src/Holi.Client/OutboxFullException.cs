namespace Holi.Client;

/// <summary>The outbox is full: the command was not queued. Nothing is lost that was queued before.</summary>
public sealed class OutboxFullException : Exception
{
    internal OutboxFullException(string limit, long max, long count)
        : base($"The outbox is full: {count} of at most {max} ({limit}). Nothing was queued; try again when the gateway has taken some.")
    {
        Limit = limit;
        Max = max;
        Count = count;
    }

    /// <summary>The option that was reached: <c>OutboxCommandsMax</c> or <c>OutboxBytesMax</c>.</summary>
    public string Limit { get; }

    /// <summary>Its value.</summary>
    public long Max { get; }

    /// <summary>How much is queued now, in the limit's unit.</summary>
    public long Count { get; }
}
