using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Cluster;

/// <summary>Fault 12: a node stands still, its devices move, it wakes. Invariant O.</summary>
public sealed class PausedNodeTests(ClusterFixture fixture) : ClusterTest(fixture)
{
    [Fact]
    public async Task Fault_12_a_node_that_wakes_commits_nothing_for_a_device_that_has_moved()
    {
        var topic = TopicName.Conversation(Guid.NewGuid().ToString("N"));
        await using var ben = await AtAsync(2, Ben);
        await using var old = await RawPeer.WelcomedAsync(Node(0), Ana, "phone");
        await old.CreateAsync(1, topic, Ben);
        await old.PostAsync(2, topic, "before");
        await old.CommittedAsync(2);
        await Node(0).PauseAsync();
        // They wait in its sockets, and in its kernel.
        for (var seq = 3UL; seq < 20; seq++)
            await old.PostAsync(seq, topic, $"late {seq}");

        await using var fresh = await RawPeer.WelcomedAsync(Node(1), Ana, "phone");
        await fresh.PostAsync(1, topic, "from where it is now");
        await fresh.CommittedAsync(1);
        await Node(0).ResumeAsync();
        (await old.ClosedAsync()).ShouldBe(HoliCode.Fenced);
        await fresh.PostAsync(2, topic, "and again");
        await fresh.CommittedAsync(2);
        await ben.HasTextsAsync(topic[(topic.IndexOf('/', StringComparison.Ordinal) + 1)..], "before", "from where it is now", "and again");
    }

    [Fact]
    public async Task Fault_12_what_a_device_had_sent_to_a_node_that_stands_still_is_flushed_once_at_another()
    {
        var way = new RovingConnector([.. Cluster.Nodes.Select(node => node.Endpoint)], 0);
        await using var ana = await RovingAsync(way, Ana);
        await using var ben = await AtAsync(2, Ben);
        var id = await ana.CreateAsync(Ben);
        var texts = new List<string>();
        for (var move = 0; move < 3; move++)
        {
            var (from, to) = (move % 2, (move + 1) % 2);
            for (var n = 0; n < 100; n++)
            {
                texts.Add($"{move} {n}");
                await ana.SayAsync(id, texts[^1]);
                // Somewhere in the midst of its commits.
                if (n == 60)
                    await Node(from).PauseAsync();
            }
            way.MoveTo(to);
            await ana.FlushedAsync();
            await ben.HasTextsAsync(id, texts);
            await Node(from).ResumeAsync();
        }
        await Cluster.HealAsync();
        await ana.SaidAsync(id, "the end");
        await ben.HasTextsAsync(id, [.. texts, "the end"]);
        await ana.HasTextsAsync(id, [.. texts, "the end"]);
    }
}
