using Holi.Client;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// Somebody who is made a member of a conversation and removed again, over and over, while gateways do not hear of each other: what they are shown must be
/// of the times at which they were one.
/// </summary>
/// <param name="device">The guest's.</param>
/// <param name="host">The conversation, on a device of somebody who may add and remove.</param>
/// <param name="seed">Of how long each takes.</param>
/// <param name="time">The clock.</param>
internal sealed class Guest(ChaosDevice device, Conversation host, int seed, TimeProvider time)
{
    public const string User = "guest";

    private const int StaysMillisecondsLeast = 300, StaysMillisecondsMost = 1_500, AwayMillisecondsMost = 500;

    private readonly Random _random = new(seed);

    public ChaosDevice Device => device;

    /// <summary>The conversation's id.</summary>
    public string Id => host.Id;

    /// <summary>Comes and goes until it is told to stop; in the end the guest is gone.</summary>
    public async Task LiveAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await host.AddMemberAsync(User, cancellation: CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(StaysMillisecondsLeast, StaysMillisecondsMost)), time, CancellationToken.None);
            await host.RemoveMemberAsync(User, CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(AwayMillisecondsMost)), time, CancellationToken.None);
        }
    }
}
