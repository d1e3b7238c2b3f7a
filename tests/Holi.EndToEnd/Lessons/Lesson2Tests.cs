using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Lessons;

/// <summary>"No message id, no sequence, no idempotency key: duplicates and reordering could not even be seen."</summary>
public sealed class Lesson2Tests(SharedGateway shared)
{
    private readonly string _user = SharedGateway.Somebody("ana");
    private readonly string _topic = TopicName.Conversation(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task Lesson_2_commands_sent_again_on_another_connection_are_seen_and_applied_once()
    {
        var gateway = await shared.StartedAsync();
        uint generation;
        string device;
        await using (var first = await RawPeer.OpenAsync(gateway.Endpoint))
        {
            device = first.Device;
            await first.HelloAsync(gateway.Tokens.For(_user));
            generation = (await first.WelcomeAsync()).Generation;
            await SendAllAsync(first);
            await first.CommittedAsync(4);
        }

        // The device never learnt of the commit: it says the same again, and once more.
        for (var again = 0; again < 2; again++)
        {
            await using var peer = await RawPeer.OpenAsync(gateway.Endpoint);
            await peer.HelloAsync(gateway.Tokens.For(_user), device, generation, known: 0, lastAssigned: 4);
            await SendAllAsync(peer);
            var (committed, refusals) = await peer.CommittedAsync(4);
            committed.ShouldBe(4UL);
            refusals.ShouldBeEmpty();
        }
        (await ReadBackAsync(gateway)).ShouldBe(["one", "two", "three"]);
    }

    [Fact]
    public async Task Lesson_2_a_command_out_of_its_order_is_seen_and_waits_for_its_turn()
    {
        var gateway = await shared.StartedAsync();
        await using (var peer = await RawPeer.WelcomedAsync(gateway, _user))
        {
            await peer.CreateAsync(1, _topic);
            await peer.PostAsync(3, _topic, "two");
            (await peer.ErrorAsync()).Code.ShouldBe(HoliCode.SeqGap);
            await peer.PostAsync(2, _topic, "one");
            await peer.PostAsync(3, _topic, "two");
            await peer.CommittedAsync(3);
        }
        (await ReadBackAsync(gateway)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task Lesson_2_a_command_keeps_its_first_identity_when_the_device_gets_a_new_generation()
    {
        var gateway = await shared.StartedAsync();
        uint generation;
        string device;
        await using (var first = await RawPeer.OpenAsync(gateway.Endpoint))
        {
            device = first.Device;
            await first.HelloAsync(gateway.Tokens.For(_user));
            generation = (await first.WelcomeAsync()).Generation;
            await SendAllAsync(first);
            await first.CommittedAsync(4);
        }
        await using (var restored = await RawPeer.OpenAsync(gateway.Endpoint))
        {
            await restored.HelloAsync(gateway.Tokens.For(_user), device);
            (await restored.WelcomeAsync()).Generation.ShouldNotBe(generation);
            await restored.SendAsync(output => new CommandFrame(
                1, generation, 4, 0, new(Encoding.UTF8.GetBytes(_topic)), MessageTypes.MessagePost, new(new MessagePost("three").ToBytes())).Write(output));
            await restored.PostAsync(2, _topic, "four");
            await restored.CommittedAsync(2);
        }
        (await ReadBackAsync(gateway)).ShouldBe(["one", "two", "three", "four"]);
    }

    private async Task SendAllAsync(RawPeer peer)
    {
        await peer.CreateAsync(1, _topic);
        await peer.PostAsync(2, _topic, "one");
        await peer.PostAsync(3, _topic, "two");
        await peer.PostAsync(4, _topic, "three");
    }

    private async Task<List<string>> ReadBackAsync(GatewayProcess gateway)
    {
        await using var reader = await RawPeer.OpenAsync(gateway.Endpoint);
        await reader.HelloAsync(gateway.Tokens.For(_user), backlog: 1_000);
        await reader.WelcomeAsync();
        return await reader.TextsAsync(_topic);
    }
}
