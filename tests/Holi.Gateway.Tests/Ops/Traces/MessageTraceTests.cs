using System.Diagnostics;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Commit;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Ops.Traces;

/// <summary>A message's trace: chosen at its source, carried with it, also to another node, and bounded however many are sent it.</summary>
public sealed class MessageTraceTests : IDisposable
{
    private static readonly TopicKey Topic = new("tenant", "conversation/ward");

    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public MessageTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MessageTraces.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_spans)
                    _spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_trace_travels_to_another_node_as_24_bytes()
    {
        var trace = new MessageTrace(Context());
        Span<byte> bytes = stackalloc byte[MessageTrace.Bytes];
        trace.TryWrite(bytes).ShouldBeTrue();
        var read = MessageTrace.Read(bytes).ShouldNotBeNull();
        (read.Context.TraceId, read.Context.SpanId, read.Context.IsRemote).ShouldBe((trace.Context.TraceId, trace.Context.SpanId, true));
        trace.TryWrite(bytes[..^1]).ShouldBeFalse();
        MessageTrace.Read(bytes[..^1]).ShouldBeNull();
        MessageTrace.Read(new byte[MessageTrace.Bytes]).ShouldBeNull("zeros are no trace");
    }

    [Fact]
    public void On_another_node_its_publication_and_deliveries_are_children_of_the_command()
    {
        using var traces = new MessageTraces(1, TimeProvider.System);
        var context = Context();
        var trace = Remote(context);
        var stored = new StoredEvent(1, 1, 0, 1, MessageTypes.MessagePost, [0x90], default, 0) { Trace = trace };
        var spans = traces.Publish([new AppendedEvents(1, Topic, [stored])]).ShouldNotBeNull();
        spans.ForEach(span => span.Stop());
        for (var device = 0; device < 100; device++)
            traces.Delivered([trace], new DeviceKey("tenant", "user", $"device{device}"));

        var own = Own(context.TraceId);
        var publication = own.Single(span => span.OperationName == "publish event");
        publication.ParentSpanId.ShouldBe(context.SpanId);
        var deliveries = own.Where(span => span.OperationName == "deliver event").ToList();
        deliveries.Count.ShouldBe(MessageTrace.DeliveriesMax, "however many follow");
        deliveries.ShouldAllBe(span => span.ParentSpanId == publication.SpanId);
        own.SelectMany(span => span.Tags).ShouldAllBe(tag => !tag.Value!.Contains("ward") && !tag.Value.Contains("device1") && !tag.Value.Contains("user"));
    }

    [Fact]
    public void Of_many_commands_about_as_many_are_traced_as_the_ratio_says()
    {
        using var traces = new MessageTraces(0.1, TimeProvider.System);
        var phone = new Device(new Scene(), new DeviceKey("tenant", "user", "phone"));
        var traced = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var command = phone.Post(Topic.Name, $"{i}");
            traces.Received(command);
            traced += command.Trace is null ? 0 : 1;
            MessageTraces.Refused(command, Wire.HoliCode.Overloaded);
        }
        // Ten standard deviations.
        traced.ShouldBeInRange(700, 1_300);
    }

    [Fact]
    public void Whoever_is_around_is_no_parent_and_is_still_around_afterwards()
    {
        using var traces = new MessageTraces(1, TimeProvider.System);
        using var request = new Activity("request").Start();
        var command = new Device(new Scene(), new DeviceKey("tenant", "user", "phone")).Post(Topic.Name, "x");
        traces.Received(command);
        Activity.Current.ShouldBe(request);
        command.Trace!.Context.TraceId.ShouldNotBe(request.TraceId);
        MessageTraces.Refused(command, Wire.HoliCode.Overloaded);
        var span = Own(command.Trace.Context.TraceId).ShouldHaveSingleItem();
        span.GetTagItem("holi.code").ShouldBe(4100);
    }

    private List<Activity> Own(ActivityTraceId trace)
    {
        lock (_spans)
            return [.. _spans.Where(span => span.TraceId == trace)];
    }

    private static ActivityContext Context() =>
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private static MessageTrace Remote(ActivityContext context)
    {
        Span<byte> bytes = stackalloc byte[MessageTrace.Bytes];
        new MessageTrace(context).TryWrite(bytes);
        return MessageTrace.Read(bytes)!;
    }
}
