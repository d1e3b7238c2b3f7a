using System.Net.WebSockets;
using Holi.Load.Devices;
using Holi.Wire.Payloads;

namespace Holi.Load.Chaos;

/// <summary>Reads a conversation from its beginning with a new device, straight from the gateway's log.</summary>
internal static class Witness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Again = TimeSpan.FromMilliseconds(50);

    public static async Task<WitnessedLog> ReadAsync(ChaosSite site, string tenant, string user, string id, CancellationToken cancel)
    {
        var began = site.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return new WitnessedLog(tenant, id, await TryReadAsync(site, tenant, user, id, cancel));
            }
            catch (Exception failure) when (failure is WebSocketException or InvalidOperationException && site.Time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Again, site.Time, cancel);
            }
        }
    }

    private static async Task<List<WitnessedEvent>> TryReadAsync(ChaosSite site, string tenant, string user, string id, CancellationToken cancel)
    {
        var events = new List<WitnessedEvent>();
        var topic = TopicName.Conversation(id);
        var head = 0UL;
        await using var device = new LightDevice(user);
        device.OnTopic = announced => head = announced.Name == topic ? announced.Head : head;
        device.OnEvent = (from, happened) =>
        {
            if (from.NameOf(happened.Topic) != topic)
                return;
            var text = happened.Type == MessageTypes.MessagePost && MessagePost.TryRead(happened.Payload, out var post) ? post.Text : "";
            var joined = happened.Type == MessageTypes.MemberAdd && MemberAdded.TryRead(happened.Payload, out var added) ? added.User : null;
            var left = happened.Type == MessageTypes.MemberRemove && MemberRemoved.TryRead(happened.Payload, out var removed) ? removed.User : null;
            events.Add(new WitnessedEvent(happened.Offset, text, joined, left));
        };
        await device.ConnectAsync(site.Endpoints[0], site.Tokens.For(user, tenant), int.MaxValue, [], cancel);
        await device.FollowsAsync(topic, cancel);
        while (device.Failure is null && (events.Count == 0 || events[^1].Offset < head))
            await Task.Delay(Again, site.Time, cancel);
        return device.Failure is null ? events : throw new InvalidOperationException("The witness was cut off.");
    }
}
