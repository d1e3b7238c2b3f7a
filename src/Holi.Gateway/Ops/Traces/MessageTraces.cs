using System.Diagnostics;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Ops.Traces;

/// <summary>
/// Follows some messages from the device that sends them to the devices that are sent them. Which ones is decided here, at their source, before anything is
/// made for them; the others cost one multiplication. Spans carry codes, counts and opaque ids: no content, name, address or token. A gateway whose
/// ratio is 0 has no object of this class.
/// </summary>
public sealed class MessageTraces : IDisposable
{
    /// <summary>What exporters subscribe to.</summary>
    public const string Source = "Holi.Gateway";

    private readonly ActivitySource _source = new(Source, GatewayVersion.Text);
    private readonly OpaqueIds _ids = new();
    private readonly TimeProvider _time;
    private readonly ulong _below;

    /// <param name="ratio">Of messages that are traced, over 0, at most 1.</param>
    public MessageTraces(double ratio, TimeProvider time)
    {
        _below = ratio >= 1 ? ulong.MaxValue : (ulong)(ratio * ulong.MaxValue);
        _time = time;
    }

    /// <summary>An input is about to be submitted: a device's command, or a backend's publication; others are not traced.</summary>
    public void Received(CommitInput input)
    {
        switch (input)
        {
            case SubmitCommand command when IsChosen(command.Check.First8):
                Begin(command, "receive command", command.Key.Tenant, command.TopicName)?
                    .SetTag("holi.device", DeviceId(command.Key)).SetTag("holi.command.type", (int)command.Type);
                break;
            case SubmitPublication publication when IsChosen((long)publication.Digest):
                Begin(publication, "receive publication", publication.Key.Tenant, publication.TopicName)?
                    .SetTag("holi.ingress.road", publication.Origin.Road);
                break;
            case DeliverScheduled due when IsChosen(due.Waiting.Key.GetHashCode()):
                Begin(due, "receive publication", due.Waiting.Key.Tenant, due.Waiting.TopicName)?
                    .SetTag("holi.ingress.road", IngressMeter.Schedule);
                break;
        }
    }

    /// <summary>It was not taken.</summary>
    public static void Refused(CommitInput input, HoliCode code) => End(input.Trace, code);

    /// <summary>A batch begins. Null where nothing in it is traced; else its span, in which the store's own spans come to lie.</summary>
    public Activity? Begin(IReadOnlyList<CommitInput> inputs)
    {
        List<ActivityLink>? links = null;
        foreach (var input in inputs)
        {
            if (input.Trace is { } trace)
                (links ??= []).Add(new ActivityLink(trace.Context));
        }
        if (links is null)
            return null;
        Activity.Current = null;
        var span = _source.StartActivity(ActivityKind.Internal, default, tags: null, links, default, "commit batch");
        return span?.SetTag("holi.batch.inputs", inputs.Count);
    }

    /// <summary>The batch is on disk, and its sources were told.</summary>
    public static void Told(IReadOnlyList<CommitInput> inputs, BatchOutcome outcome, Activity batch)
    {
        foreach (var input in inputs)
        {
            if (input.Trace is not { Command: { } span } trace)
                continue;
            span.AddLink(new ActivityLink(batch.Context));
            End(trace, input switch
            {
                SubmitCommand command => CodeOf(command, outcome),
                SubmitPublication publication => CodeOf(publication.Source, outcome),
                _ => HoliCode.None,
            });
        }
    }

    /// <summary>Events are about to be published on this node. Null where none is traced; else what to stop once they are.</summary>
    public List<Activity>? Publish(IReadOnlyList<AppendedEvents> appended)
    {
        List<Activity>? spans = null;
        foreach (var topic in appended)
        {
            foreach (var stored in topic.Events)
            {
                if (stored.Trace is { } trace && Publish(topic.Topic, trace) is { } span)
                    (spans ??= []).Add(span);
            }
        }
        return spans;
    }

    /// <summary>A message with these events was handed to the socket of a device.</summary>
    public void Delivered(IReadOnlyList<MessageTrace> traced, DeviceKey device)
    {
        foreach (var trace in traced)
        {
            if (!trace.TryTakeDelivery())
                continue;
            var parent = trace.Published == default ? trace.Context : trace.Published;
            var began = _time.GetUtcNow() - _time.GetElapsedTime(trace.PublishedAt);
            using var span = _source.StartActivity("deliver event", ActivityKind.Producer, parent, startTime: began);
            span?.SetTag("holi.device", DeviceId(device));
        }
    }

    public void Dispose() => _source.Dispose();

    private bool IsChosen(long value) => _ids.Scatter(value) <= _below;

    // Whoever is around (a request of HTTP) is no parent: a trace begins here or not at all.
    private Activity? Begin(CommitInput input, string name, string tenant, string topicName)
    {
        var around = Activity.Current;
        Activity.Current = null;
        var span = _source.StartActivity(name, ActivityKind.Consumer);
        Activity.Current = around;
        if (span is not null)
            input.Trace = new MessageTrace(span.Context, span);
        return span?.SetTag("holi.topic", _ids.Of(tenant, topicName));
    }

    private Activity? Publish(TopicKey topic, MessageTrace trace)
    {
        trace.PublishedAt = _time.GetTimestamp();
        var around = Activity.Current;
        var span = _source.StartActivity("publish event", ActivityKind.Internal, trace.Context);
        Activity.Current = around;
        if (span is not null)
            trace.Published = span.Context;
        return span?.SetTag("holi.topic", _ids.Of(topic.Tenant, topic.Name));
    }

    private string DeviceId(in DeviceKey key) => _ids.Of(key.Tenant, key.User, key.Device);

    private static void End(MessageTrace? trace, HoliCode code)
    {
        if (code != HoliCode.None)
            trace?.Command?.SetTag("holi.code", (int)code);
        trace?.EndCommand();
    }

    private static HoliCode CodeOf(IPublicationSource asked, BatchOutcome outcome)
    {
        foreach (var (source, answer) in outcome.Published)
        {
            if (ReferenceEquals(source, asked))
                return answer.Code;
        }
        return HoliCode.None;
    }

    private static HoliCode CodeOf(SubmitCommand command, BatchOutcome outcome)
    {
        foreach (var (source, _, refusals) in outcome.Committed)
        {
            if (!ReferenceEquals(source, command.Source))
                continue;
            foreach (var refusal in refusals)
            {
                if (refusal.Seq == command.Seq)
                    return refusal.Code;
            }
        }
        foreach (var (source, code) in outcome.Refused)
        {
            if (ReferenceEquals(source, command.Source))
                return code;
        }
        return HoliCode.None;
    }
}
