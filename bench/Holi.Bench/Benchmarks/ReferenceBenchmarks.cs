using BenchmarkDotNet.Attributes;

namespace Holi.Bench;

/// <summary>
/// What all others are measured against: their times divided by its time move little from machine to machine. Calls, branches and memory that is
/// in the cache, which is what a message's path is made of.
/// </summary>
[MemoryDiagnoser]
public class ReferenceBenchmarks
{
    private readonly byte[] _bytes = new byte[1_024];
    private readonly Dictionary<long, long> _table = Enumerable.Range(0, 1_000).ToDictionary(i => i * 7_919L, i => (long)i);

    /// <summary>A hash over 1 KB, byte by byte, and a look-up for every sixteenth.</summary>
    [Benchmark]
    public ulong Reference()
    {
        var hash = 14_695_981_039_346_656_037UL;
        for (var i = 0; i < _bytes.Length; i++)
        {
            hash = (hash ^ _bytes[i]) * 1_099_511_628_211UL;
            if ((i & 15) == 0 && _table.TryGetValue(i * 7_919L, out var found))
                hash += (ulong)found;
        }
        return hash;
    }
}
