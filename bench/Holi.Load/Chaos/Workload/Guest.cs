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
    private int _shownBefore;

    public ChaosDevice Device => device;

    /// <summary>The conversation's id.</summary>
    public string Id => host.Id;

    /// <summary>Comes and goes until it is told to stop; in the end the guest is gone.</summary>
    public async Task LiveAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await InviteAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(StaysMillisecondsLeast, StaysMillisecondsMost)), time, CancellationToken.None);
            await DismissAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(AwayMillisecondsMost)), time, CancellationToken.None);
        }
    }

    /// <summary>They are a member from now on, as soon as the host's device is heard.</summary>
    public async Task InviteAsync()
    {
        _shownBefore = device.Shown(Id).Count;
        await host.AddMemberAsync(User);
    }

    /// <summary>They are none any more.</summary>
    public async Task DismissAsync() => await host.RemoveMemberAsync(User);

    /// <summary>True where their device was shown something since they were invited: their own becoming a member, if nothing else.</summary>
    public bool IsShown => device.Shown(Id).Count > _shownBefore;

    /// <summary>True where their device knows that they are gone.</summary>
    public bool IsGone => device.Client.Conversation(Id).Summary is { IsGone: true };
}
