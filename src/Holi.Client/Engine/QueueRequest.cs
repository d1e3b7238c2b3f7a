namespace Holi.Client.Engine;

/// <summary>A command that the app wants queued. Belongs to the engine from <see cref="DeviceEngine.Queue"/> on.</summary>
internal sealed class QueueRequest(string topic, ushort type, byte[] payload, object? tag = null)
{
    public string Topic { get; } = topic;

    public ushort Type { get; } = type;

    /// <summary>Replaced where a later read mark joins this one.</summary>
    public byte[] Payload { get; set; } = payload;

    /// <summary>The caller's own, to find its way back.</summary>
    public object? Tag { get; } = tag;

    /// <summary>
    /// Counts this device's commands since it was started and, unlike a seq, never changes under a new generation. 0 until queued.
    /// </summary>
    public ulong Number { get; internal set; }

    /// <summary>The device's date when it was queued.</summary>
    internal long QueuedAtMs { get; set; }

    /// <summary>The seq, once the batch is cut.</summary>
    internal ulong Seq { get; set; }

    /// <summary>True where <see cref="Seq"/> is of a queued read mark whose payload this replaces.</summary>
    internal bool IsRewrite { get; set; }

    /// <summary>Later read marks of the same topic that are answered with this one.</summary>
    internal List<QueueRequest>? Joined { get; set; }
}
