using System.Text;
using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Lessons;

/// <summary>"The queue was plaintext health data, shared by whoever logged in next: A's messages could leave as B."</summary>
public sealed class Lesson6Tests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    [Fact]
    public async Task Lesson_6_nothing_that_a_device_keeps_can_be_read_without_its_key()
    {
        const string queued = "marker-queued-haemoglobin", received = "marker-received-haemoglobin", title = "marker-title-haemoglobin";
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, folder.In("ana")))
        await using (var ben = await AppDevice.StartAsync(gateway, _ben))
        {
            var id = await ben.CreateAsync(_ana);
            await Eventually.EndsAsync((await ben.Client.Conversation(id).RenameAsync(title, TestContext.Current.CancellationToken)).Committed);
            await ben.SaidAsync(id, received);
            await ana.HasTextsAsync(id, received);
            ana.GoOffline();
            await ana.SayAsync(id, queued);
            await TempFolder.CopyAsync(folder.In("ana"), folder.In("while open"));
        }
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            foreach (var secret in new[] { queued, received, title, _ana, _ben, "haemoglobin" })
            {
                bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)).ShouldBe(-1, $"{secret} lies in {Path.GetFileName(file)}");
                bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)).ShouldBe(-1, $"{secret} lies in {Path.GetFileName(file)}");
            }
        }
    }

    [Fact]
    public async Task Lesson_6_what_one_person_queued_never_leaves_as_another_who_uses_the_same_device()
    {
        var gateway = await shared.StartedAsync();
        using var device = new TempFolder();
        await using var witness = await AppDevice.StartAsync(gateway, SharedGateway.Somebody("witness"));
        var id = await witness.CreateAsync(_ana, _ben);

        await using (var ana = await AppDevice.StartAsync(gateway, _ana, device.Path))
        {
            await Eventually.HoldsAsync(() => ana.Client.Conversation(id).Summary is not null, "ana does not know the conversation");
            ana.GoOffline();
            await ana.SayAsync(id, "from ana");
        }
        await using (var ben = await AppDevice.StartAsync(gateway, _ben, device.Path))
        {
            ben.Client.Status.QueuedCommands.ShouldBe(0);
            ben.Texts(id).ShouldBeEmpty();
            await ben.SaidAsync(id, "from ben");
            await witness.HasTextsAsync(id, "from ben");
        }
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, device.Path))
            await ana.FlushedAsync();
        await witness.HasTextsAsync(id, "from ben", "from ana");
        await using var people = await witness.WatchAsync(id);
        await people.ShowsAsync(_ana, _ => true, "ana is not shown");
        var members = witness.Shown(id).Where(e => e.Text is not null).Select(e => e.Member);
        members.ShouldBe([people.Now(_ben)!.Member, people.Now(_ana)!.Member]);
    }

    [Fact]
    public async Task Lesson_6_with_another_person_s_token_nothing_is_sent_at_all()
    {
        var gateway = await shared.StartedAsync();
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ben.CreateAsync(_ana);
        await using var ana = await AppDevice.StartAsync(
            gateway, _ana, change: options => options with { Token = _ => ValueTask.FromResult(gateway.Tokens.For(_ben)) });
        await ana.SayAsync(id, "from ana");
        await Eventually.HoldsAsync(() => ana.Client.Status.LastError is not null, "the other person's token is not noticed");
        ana.Client.ConnectNow();
        await ben.SaidAsync(id, "from ben");
        await ben.HasTextsAsync(id, "from ben");
        ana.Client.Status.QueuedCommands.ShouldBe(1);
    }

    [Fact]
    public async Task Lesson_6_after_logout_nothing_of_the_person_is_left_on_the_device()
    {
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, folder.Path))
        {
            var id = await ana.CreateAsync();
            ana.GoOffline();
            await ana.SayAsync(id, "never sent");
            await ana.Client.LogoutAsync();
        }
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
