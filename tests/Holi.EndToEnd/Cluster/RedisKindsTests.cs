using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holi.EndToEnd.Peers;
using Holi.Servers;

namespace Holi.EndToEnd.Cluster;

/// <summary>Gateways over a Redis as production has it.</summary>
public sealed class RedisKindsTests
{
    private const string Password = "correct-horse";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_user_and_a_password()
    {
        Skip();
        using var folder = new TempFolder();
        var rules = folder.In("users.acl");
        await File.WriteAllTextAsync(
            rules, $"user default off\nuser holi on >{Password} ~holi:* &holi:* +@connection +@pubsub +@stream +info +time\n", Cancel);
        var redis = await RedisServer.StartAsync(Cancel, "--aclfile", rules);
        await TalkAsync(redis, $"{redis.Configuration},user=holi,password={Password}");
    }

    [Fact]
    public async Task As_a_cluster_with_sharded_names()
    {
        Skip();
        var redis = await RedisServer.StartAsync(Cancel, "--cluster-enabled", "yes");
        await ServerProcess.RunAsync("/usr/bin/redis-cli", ["-p", $"{redis.Port}", "cluster", "addslotsrange", "0", "16383"], Cancel);
        await TalkAsync(redis, redis.Configuration);
    }

    [Fact]
    public async Task Encrypted_with_an_authority_of_the_operators_own()
    {
        Skip();
        using var folder = new TempFolder();
        var port = ServerProcess.FreePort();
        var (certificate, key) = await CertificateAsync(folder);
        var redis = await RedisServer.StartAsync(
            Cancel, "--tls-port", $"{port}", "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no");
        var program = Checkout.GatewayWith(folder, new Dictionary<string, string> { ["SSL_CERT_FILE"] = certificate });
        await TalkAsync(redis, $"127.0.0.1:{port},ssl=true,sslHost=redis.example", program);
    }

    // Gateways hear each other over it, and what one of them commits comes to the other by it.
    private static async Task TalkAsync(RedisServer redis, string configuration, string? program = null)
    {
        await using var cluster = await GatewayCluster.StartAsync(2, redis, configuration, program);
        await using var ana = await AppDevice.StartAsync(cluster.Nodes[0], "ana");
        await using var ben = await AppDevice.StartAsync(cluster.Nodes[1], "ben");
        var id = await ana.CreateAsync("ben");
        await ben.SaidAsync(id, "first");
        await ana.SaidAsync(id, "second");
        await ana.HasTextsAsync(id, "first", "second");
        await ben.HasTextsAsync(id, "first", "second");
        (await cluster.StatusAsync(1)).GetProperty("unsent").GetInt64().ShouldBeLessThan(10, "what was said before the line was up");
    }

    private static void Skip() => Assert.SkipUnless(GatewayCluster.IsPossible, "PostgreSQL or Redis is not installed");

    private static async Task<(string Certificate, string Key)> CertificateAsync(TempFolder folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=redis.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("redis.example");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (certificateFile, keyFile) = (folder.In("redis.crt"), folder.In("redis.key"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Cancel);
        return (certificateFile, keyFile);
    }
}
