using Holi.Peers.Devices;

namespace Holi.Peers.Measures;

/// <summary>
/// Rooms in which one member speaks and all hear it, the speaker too, as fast as the speaker's own texts come back: so many are on their way in each
/// room at a time. Processor time and deliveries are counted over the same span, in the middle of it.
/// </summary>
internal static class FanoutMeasure
{
    private const int OnTheirWay = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A field for each device: a counter that all receive loops share would be a good part of the driver's time.
    private sealed class Listener
    {
        private int _next;

        public long Heard { get; private set; }

        public long OutOfOrder { get; private set; }

        public void Hear(ReadOnlySpan<byte> text)
        {
            var number = Texts.NumberOf(text);
            if (number != _next)
                OutOfOrder++;
            _next = number + 1;
            Heard++;
        }
    }

    private sealed class Speaker(Device device)
    {
        private readonly byte[] _text = Texts.Make(0);
        private int _said;

        public int Said => Volatile.Read(ref _said);

        public void Say()
        {
            _said.TryFormat(_text, out _, "D10", System.Globalization.CultureInfo.InvariantCulture);
            _said++;
            device.Send(_text);
        }
    }

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var sizes = bench.Sizes;
        var rooms = await bench.OpenAsync(sizes.FanoutRooms, sizes.FanoutMembers, cancel);
        var devices = rooms.SelectMany(room => room).ToArray();
        var listeners = devices.Select(_ => new Listener()).ToArray();
        var speakers = rooms.Select(room => new Speaker(room[0])).ToArray();
        var isOver = false;
        for (var n = 0; n < devices.Length; n++)
        {
            var (listener, speaker) = (listeners[n], n % sizes.FanoutMembers == 0 ? speakers[n / sizes.FanoutMembers] : null);
            devices[n].OnText = (_, text) =>
            {
                listener.Hear(text);
                if (speaker is not null && !Volatile.Read(ref isOver))
                    speaker.Say();
            };
        }

        foreach (var speaker in speakers)
        {
            for (var n = 0; n < OnTheirWay; n++)
                speaker.Say();
        }
        await Task.Delay(sizes.FanoutWarmUp, bench.Time, cancel);
        var (cpu, heard, start) = (bench.Cpu(), listeners.Sum(listener => listener.Heard), bench.Time.GetTimestamp());
        await Task.Delay(sizes.FanoutTime, bench.Time, cancel);
        var deliveries = listeners.Sum(listener => listener.Heard) - heard;
        var (spent, seconds) = (bench.CpuSince(cpu), bench.Time.GetElapsedTime(start).TotalSeconds);
        Volatile.Write(ref isOver, true);

        // What is still on its way arrives; then nothing may be missing.
        await bench.CountsAsync(() => listeners.Sum(listener => listener.Heard), Goal(), Patience, devices, cancel);
        var missing = Goal() - listeners.Sum(listener => listener.Heard);
        await Bench.CloseAsync(devices);

        var figures = new Figures();
        figures.AddCpu("cpuSecondsPerMillion", spent, 1e6 / deliveries);
        figures.Add("deliveriesPerSecond", deliveries / seconds);
        if (missing > 0)
            figures.Note($"fan-out: {missing} deliveries did not come");
        if (listeners.Sum(listener => listener.OutOfOrder) is var wrong and > 0)
            figures.Note($"fan-out: {wrong} texts did not follow their predecessor");
        return figures;

        long Goal() => speakers.Sum(speaker => (long)speaker.Said) * sizes.FanoutMembers;
    }
}
