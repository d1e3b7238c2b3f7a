using System.Diagnostics.Metrics;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Tests.Ops.Metrics;

/// <summary>Meters on the way of every message: they allocate nothing, heard or not, and say what happened.</summary>
public sealed class MetersTests : IDisposable
{
    private readonly GatewayMeters _meters = new(TimeProvider.System);
    private readonly List<CommitInput> _inputs = [new SubmitDelivered(new TopicKey("tenant", "topic"), "user", 1)];
    private readonly BatchOutcome _outcome = new() { Audit = [new AuditEntry(0, "tenant", "user", "device", AuditActions.Open, "0")] };

    public void Dispose() => _meters.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void B_a_message_s_way_allocates_nothing(bool isHeard)
    {
        using var listener = isHeard ? Listen([]) : null;
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
                OneMessage();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            // The first round is the warm-up.
            if (round > 0)
                allocated.ShouldBe(0);
        }
    }

    [Fact]
    public void Nothing_is_timed_for_nobody()
    {
        OneMessage();
        _inputs[0].SubmittedAt.ShouldBe(0);
        using var listener = Listen([]);
        OneMessage();
        _inputs[0].SubmittedAt.ShouldNotBe(0);
    }

    [Theory]
    [InlineData(HoliCode.None, true, "closed_by_device")]
    [InlineData(HoliCode.None, false, "torn_off")]
    [InlineData(HoliCode.GoingAway, true, "retry_now")]
    [InlineData(HoliCode.Overloaded, true, "retry_later")]
    [InlineData(HoliCode.TokenExpired, true, "new_token")]
    [InlineData(HoliCode.GenerationForked, true, "repair")]
    [InlineData(HoliCode.BadVarint, false, "report_and_retry")]
    [InlineData(HoliCode.Fenced, true, "give_up")]
    public void The_end_of_a_connection_is_counted_by_what_its_code_asks_for(HoliCode code, bool inOrder, string action)
    {
        var seen = new List<(string Name, double Value, string Tags)>();
        using var listener = Listen(seen);
        _meters.Connections.Closed(code, inOrder);
        seen.ShouldBe([("holi.connection.closed", 1, $"holi.close.action={action}")]);
    }

    [Fact]
    public void What_backends_publish_is_counted_by_road_and_result()
    {
        var seen = new List<(string Name, double Value, string Tags)>();
        using var listener = Listen(seen);
        _meters.Ingress.Count(PublicationRoads.Redis, PublicationResult.Duplicate);
        _meters.Ingress.Count(IngressMeter.Schedule, PublicationResult.Committed, 3);
        Should.Throw<ArgumentOutOfRangeException>(() => _meters.Ingress.Count("pigeon", PublicationResult.Committed));
        listener.RecordObservableInstruments();
        seen.Where(m => m.Name == "holi.ingress.publications").ShouldBe(
        [
            ("holi.ingress.publications", 1, "holi.ingress.road=redis,holi.ingress.result=duplicate"),
            ("holi.ingress.publications", 3, "holi.ingress.road=schedule,holi.ingress.result=committed"),
        ]);
    }

    private void OneMessage()
    {
        _meters.Connections.Received(100, 2);
        _meters.Commits.Submitting(_inputs[0]);
        var began = _meters.Commits.Begin();
        _meters.Commits.OnDisk(_inputs, _outcome, began);
        _meters.Connections.Sent(100, 2);
        _meters.Delivery.Delivered(1);
        if (_meters.Delivery.IsTimed)
            _meters.Delivery.Took(TimeSpan.FromMilliseconds(1));
        _meters.Ingress.Count(PublicationRoads.Http, PublicationResult.Committed);
    }

    // To this test's own instruments: others run gateways of their own beside it.
    private MeterListener Listen(List<(string Name, double Value, string Tags)> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, _meters))
                    own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (instrument.Name is "holi.connection.closed" or "holi.ingress.publications")
                seen.Add((instrument.Name, value, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        }
    }
}
