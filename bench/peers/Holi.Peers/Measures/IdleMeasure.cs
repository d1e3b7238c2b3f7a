namespace Holi.Peers.Measures;

/// <summary>
/// Memory of a quiet connection: what the server grew by when so many had connected, each had said one text and heard one, and some time had passed.
/// Needs a server of its own, in which nothing else has happened; some rooms that come and go warm it up.
/// </summary>
internal static class IdleMeasure
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var sizes = bench.Sizes;
        for (var n = 0; n < sizes.IdleWarmTimes; n++)
            await Bench.CloseAsync(await TalkAsync(bench, sizes.IdleWarmRooms, cancel));
        await Task.Delay(sizes.IdleQuiet, bench.Time, cancel);
        var before = bench.Server.Parts.Select(part => part.Memory).ToArray();
        var devices = await TalkAsync(bench, sizes.IdleConnections / 2, cancel);
        await Task.Delay(sizes.IdleQuiet, bench.Time, cancel);
        var after = bench.Server.Parts.Select(part => part.Memory).ToArray();
        foreach (var device in devices)
            device.ThrowIfEnded();
        await Bench.CloseAsync(devices);

        var figures = new Figures();
        var kb = 1024.0 * devices.Count;
        for (var n = 0; n < bench.Server.Parts.Count; n++)
        {
            var part = n == 0 ? "" : "." + bench.Server.Parts[n].Name;
            figures.Add("rssKbPerConnection" + part, (after[n].Rss - before[n].Rss) / kb);
            figures.Add("pssKbPerConnection" + part, (after[n].Pss - before[n].Pss) / kb);
        }
        figures.Add("baseRssMb", before[0].Rss / 1048576.0);
        return figures;
    }

    private static async Task<IReadOnlyList<Devices.Device>> TalkAsync(Bench bench, int rooms, CancellationToken cancel)
    {
        var devices = (await bench.OpenAsync(rooms, 2, cancel)).SelectMany(room => room).ToArray();
        var heard = 0L;
        foreach (var device in devices)
            device.OnText = (_, _) => Interlocked.Increment(ref heard);
        for (var n = 0; n < devices.Length; n++)
            devices[n].Send(Texts.Make(n));
        if (!await bench.CountsAsync(() => Interlocked.Read(ref heard), devices.Length, Patience, devices, cancel))
            throw new IOException($"Of {devices.Length} texts {heard} arrived.");
        return devices;
    }
}
