using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Samples;

/// <summary>Two people in two terminals. What the sample prints is what an app developer sees first of D, O and S.</summary>
public sealed partial class ChatTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holi-chat-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ChatProcess Chat(GatewayProcess gateway, string user, string with) => ChatProcess.Start(
    [
        "--user", user, "--with", with, "--store", Path.Combine(_folder, user), "--token", gateway.Tokens.For(user),
        "--gateway", gateway.Endpoint.GetLeftPart(UriPartial.Authority).Replace("ws:", "http:", StringComparison.Ordinal),
    ]);

    [Fact(Timeout = 180_000)]
    public async Task What_is_typed_offline_arrives_once_and_in_order_though_the_gateway_is_killed_meanwhile()
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Stop);
        await using var ana = Chat(gateway, "ana", "ben");
        await using var ben = Chat(gateway, "ben", "ana");
        await ana.TypeAsync("hello");
        await ben.SeesAsync("ana: hello");
        await ana.SeesAsync("✓✓ #");

        await ana.TypeAsync("/offline");
        await ana.SeesAsync("-- offline");
        string[] written = [.. Enumerable.Range(0, 20).Select(i => $"line {i}")];
        foreach (var line in written)
            await ana.TypeAsync(line);
        await ana.SeesAsync(l => l.Contains("·  ana: line 19", StringComparison.Ordinal), "the last as queued");
        await gateway.KillAsync();
        await gateway.RestartAsync(Stop);
        await ana.TypeAsync("/online");

        await ben.SeesAsync("ana: line 19");
        await ana.SeesAsync("-- nothing queued");
        TextsFrom("ana", ben).ShouldBe(["hello", .. written]);
        var last = Numbered().Match(await ana.SeesAsync(l => Numbered().IsMatch(l) && l.EndsWith("ana: line 19", StringComparison.Ordinal), "its number"));
        await ana.SeesAsync($"✓✓ #{last.Groups["number"].Value} read");
        (await ana.InterruptAsync()).ShouldBe(0);
        (await ben.EndAsync()).ShouldBe(0);
    }

    [Fact(Timeout = 180_000)]
    public async Task Two_who_begin_without_a_gateway_come_to_one_conversation()
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Stop);
        await gateway.KillAsync();
        await using var ana = Chat(gateway, "ana", "ben");
        await using var ben = Chat(gateway, "ben", "ana");
        await ana.TypeAsync("from ana");
        await ben.TypeAsync("from ben");
        await ana.SeesAsync("·  ana: from ana");
        await ben.SeesAsync("·  ben: from ben");

        await gateway.RestartAsync(Stop);

        await ana.SeesAsync("ben: from ben");
        await ben.SeesAsync("ana: from ana");
        await ana.SeesAsync(l => Numbered().IsMatch(l) && l.EndsWith("ana: from ana", StringComparison.Ordinal), "her own, committed");
        await ana.TypeAsync("/edit now from ana");
        await ben.SeesAsync("ana: now from ana (edited)");
        await ben.TypeAsync("/react 👍");
        await ana.SeesAsync("👍 ben");
        (await ana.EndAsync()).ShouldBe(0);
    }

    [Fact(Timeout = 180_000)]
    public async Task Without_arguments_and_without_a_gateway_two_terminals_chat()
    {
        (string, string)[] environment =
            [("HOLI_URLS", $"http://127.0.0.1:{FreePort()}"), ("HOLI_DATAFOLDER", Path.Combine(_folder, "gateway"))];
        await using var first = ChatProcess.Start(["--store", _folder], environment);
        await first.SeesAsync("starting one");
        await first.SeesAsync("-- connected");
        await using var second = ChatProcess.Start(["--store", _folder], environment);

        await second.TypeAsync("is anybody there?");
        await first.SeesAsync("ben: is anybody there?");
        await first.TypeAsync("yes");
        await second.SeesAsync("ana: yes");

        (await first.InterruptAsync()).ShouldBe(0);
        await second.SeesAsync("-- no gateway");
        await second.TypeAsync("and now?");
        await second.SeesAsync("·  ben: and now?");
        (await second.InterruptAsync()).ShouldBe(0);
        await second.SeesAsync("still queued on this device");
    }

    private static IEnumerable<string> TextsFrom(string sender, ChatProcess at) =>
        at.Lines.Select(l => Numbered().Match(l)).Where(m => m.Success && m.Groups["sender"].Value == sender).Select(m => m.Groups["text"].Value);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"#(?<number>\d+) (?<sender>\S+): (?<text>.*)$")]
    private static partial Regex Numbered();
}
