namespace Holi.EndToEnd.Peers;

/// <summary>Waiting for a condition, with patience for a slow machine; how long it takes is measured in bench, not here.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Fails with <paramref name="otherwise"/> where the condition does not come true.</summary>
    public static Task HoldsAsync(Func<bool> condition, Func<string> otherwise) => HoldsAsync(() => Task.FromResult(condition()), otherwise);

    /// <inheritdoc cref="HoldsAsync(Func{bool}, Func{string})"/>
    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<string> otherwise)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new TimeoutException(otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancel);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string otherwise) => HoldsAsync(condition, () => otherwise);

    public static Task HoldsAsync(Func<Task<bool>> condition, string otherwise) => HoldsAsync(condition, () => otherwise);

    /// <summary>The task's end, with the same patience.</summary>
    public static Task EndsAsync(Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);
}
