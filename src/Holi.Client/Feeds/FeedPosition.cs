using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>
/// How far a reader of all topics has come: one offset for each. Write it down with what the events caused, as <see cref="ToString"/> gives it,
/// and the feed goes on exactly there.
/// </summary>
public sealed class FeedPosition
{
    private readonly Dictionary<string, (ulong Epoch, ulong Offset)> _topics;

    internal FeedPosition(Dictionary<string, (ulong Epoch, ulong Offset)> topics) => _topics = topics;

    /// <summary>Before everything that this device holds.</summary>
    public static FeedPosition Start { get; } = new([]);

    /// <summary>The epoch and offset in a topic; zeros where none of it was read.</summary>
    public (ulong Epoch, ulong Offset) this[string topic] => _topics.GetValueOrDefault(topic);

    internal Dictionary<string, (ulong Epoch, ulong Offset)> Copy() => new(_topics, StringComparer.Ordinal);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FeedPosition? position)
    {
        position = null;
        var topics = new Dictionary<string, (ulong, ulong)>(StringComparer.Ordinal);
        foreach (var entry in (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = entry.Split(' ');
            if (fields.Length != 3 || !TopicName.IsValid(fields[0])
                || !ulong.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
                || !ulong.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                || !topics.TryAdd(fields[0], (epoch, offset)))
            {
                return false;
            }
        }
        position = new FeedPosition(topics);
        return true;
    }

    /// <summary>One line for each topic: name, epoch, offset.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (topic, (epoch, offset)) in _topics.OrderBy(t => t.Key, StringComparer.Ordinal))
            text.Append(topic).Append(' ').Append(CultureInfo.InvariantCulture, $"{epoch} {offset}").Append('\n');
        return text.ToString();
    }
}
