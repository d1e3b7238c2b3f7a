namespace Holi.Load.Chaos;

/// <summary>Waits until nothing is wrong any more, and tells what still was when it should not have been.</summary>
/// <param name="stated">By when nothing is to be wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class Settling(TimeSpan stated, TimeProvider time)
{
    private const int ExamplesMost = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(25);

    /// <summary>How many were wrong at the stated time, and how long it took until none was.</summary>
    /// <param name="began">When it began.</param>
    /// <param name="what">In a word.</param>
    /// <param name="wrong">What is wrong now.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<(int Late, double Milliseconds)> WaitAsync(long began, string what, Func<IReadOnlyList<string>> wrong, CancellationToken cancel)
    {
        int? late = null;
        while (true)
        {
            // The time first: what is seen right then was right no later.
            var passed = time.GetElapsedTime(began);
            var now = wrong();
            if (now.Count == 0)
                return (late ?? 0, passed.TotalMilliseconds);
            if (late is null && passed > stated)
            {
                late = now.Count;
                foreach (var example in now.Take(ExamplesMost))
                    Console.Error.WriteLine($"late ({what}): {example}");
            }
            if (passed > Patience)
            {
                foreach (var example in now.Take(ExamplesMost))
                    Console.Error.WriteLine($"never ({what}): {example}");
                return (now.Count, passed.TotalMilliseconds);
            }
            await Task.Delay(Look, time, cancel);
        }
    }
}
