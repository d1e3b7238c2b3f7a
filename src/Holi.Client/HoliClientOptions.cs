using System.Security.Cryptography;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>What a <see cref="HoliClient"/> is told once. Checked when the client is made, with every problem named at once.</summary>
public sealed record HoliClientOptions
{
    /// <summary>The gateway, for example <c>wss://holi.example/v1/ws</c>; <c>ws://</c> for a gateway on this machine.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Who uses the device: 1–64 of <c>[A-Za-z0-9._@-]</c>, the same as in the token. A token of anybody else is refused before anything is sent.</summary>
    public required string User { get; init; }

    /// <summary>The tenant; it only keeps apart the stores of one user in two tenants. Default: empty.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>
    /// Gives a JWT: at start, shortly before the last one expires, and after the gateway refused one. Called on a pool thread, one call at
    /// a time, given up after <see cref="TokenTimeout"/>. When it throws it is asked again with backoff.
    /// </summary>
    public required Func<CancellationToken, ValueTask<string>> Token { get; init; }

    /// <summary>How long <see cref="Token"/> may take. Default 30 s; 1 s to 10 min.</summary>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The folder of the device's stores, one file for each tenant and user. Needed unless <see cref="OpenStore"/> is given.</summary>
    public string? StoreFolder { get; init; }

    /// <summary>
    /// 32 random bytes that encrypt the store; keep them in the system's key store, and destroy them at logout. Empty only with
    /// <see cref="AllowUnencryptedStore"/>. Not kept by the client.
    /// </summary>
    public ReadOnlyMemory<byte> EncryptionKey { get; init; }

    /// <summary>Lets the store be unencrypted where there is no key: for tests and samples. Default false.</summary>
    public bool AllowUnencryptedStore { get; init; }

    /// <summary>Opens a store of the app's own instead of the file in <see cref="StoreFolder"/>; called once, by <see cref="HoliClient.StartAsync"/>.</summary>
    public Func<IDeviceStore>? OpenStore { get; init; }

    /// <summary>Commands that may be queued; one more throws <see cref="OutboxFullException"/>. Default 2,000,000; at least 1.</summary>
    public long OutboxCommandsMax { get; init; } = 2_000_000;

    /// <summary>Their payload bytes. Default 1 GiB; at least 256 KiB.</summary>
    public long OutboxBytesMax { get; init; } = 1L << 30;

    /// <summary>For conversations new to this device: how many of their newest events come by themselves; −1: none. Default 200; older ones come by <see cref="Conversation.LoadHistoryAsync"/>.</summary>
    public int Backlog { get; init; } = 200;

    /// <summary>A gateway's silence is noticed within this and ten seconds. Default 30 s; 1 s to 10 min; a shorter heartbeat of the gateway's counts instead.</summary>
    public TimeSpan HeartbeatMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Software and version, told to the gateway for its operator: at most 64 bytes.</summary>
    public string ClientName { get; init; } = "Holi.Client";

    /// <summary>Makes sockets. Default: <see cref="WebSocketConnector"/>.</summary>
    public IConnector Connector { get; init; } = new WebSocketConnector();

    /// <summary>Says when the network comes and goes. Default: none; then only <see cref="HoliClient.NetworkAvailable"/> and backoff do.</summary>
    public INetworkMonitor? NetworkMonitor { get; init; }

    /// <summary>Hears what goes wrong: codes and fixed words, never content. Called on a pool thread; must return soon.</summary>
    public Action<ClientProblem>? OnProblem { get; init; }

    /// <summary>All of the client's time.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Fills a span with random bytes, for ids and jitter. Default: the system's cryptographic source.</summary>
    public Action<Memory<byte>> Random { get; init; } = bytes => RandomNumberGenerator.Fill(bytes.Span);

    /// <summary>Every problem there is; empty where all is well.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        void Check(bool ok, string problem)
        {
            if (!ok)
                problems.Add(problem);
        }

        Check(Endpoint is { IsAbsoluteUri: true, Scheme: "ws" or "wss" }, $"{nameof(Endpoint)} must be an absolute ws:// or wss:// address.");
        Check(User is not null && TopicName.IsUser(User), $"{nameof(User)} must be 1–64 of [A-Za-z0-9._@-].");
        Check(Tenant is not null, $"{nameof(Tenant)} must not be null.");
        Check(Token is not null, $"{nameof(Token)} must not be null.");
        Check(TokenTimeout >= TimeSpan.FromSeconds(1) && TokenTimeout <= TimeSpan.FromMinutes(10), $"{nameof(TokenTimeout)} must be from 1 s to 10 min.");
        if (OpenStore is null)
        {
            Check(!string.IsNullOrWhiteSpace(StoreFolder), $"{nameof(StoreFolder)} must name a folder, unless {nameof(OpenStore)} is given.");
            Check(EncryptionKey.Length == 32 || (EncryptionKey.IsEmpty && AllowUnencryptedStore),
                $"{nameof(EncryptionKey)} must be 32 bytes (or none, with {nameof(AllowUnencryptedStore)}).");
        }
        Check(OutboxCommandsMax >= 1, $"{nameof(OutboxCommandsMax)} must be at least 1.");
        Check(OutboxBytesMax >= WireLimits.FrameBytesMax, $"{nameof(OutboxBytesMax)} must be at least {WireLimits.FrameBytesMax}: one command may be as large.");
        Check(Backlog is >= -1 and <= 1_000_000, $"{nameof(Backlog)} must be from −1 to 1,000,000.");
        Check(HeartbeatMax >= TimeSpan.FromSeconds(1) && HeartbeatMax <= TimeSpan.FromMinutes(10), $"{nameof(HeartbeatMax)} must be from 1 s to 10 min.");
        Check(ClientName is not null && System.Text.Encoding.UTF8.GetByteCount(ClientName) <= 64 && !ClientName.Contains('\0'), $"{nameof(ClientName)} must be at most 64 bytes.");
        Check(Connector is not null, $"{nameof(Connector)} must not be null.");
        Check(TimeProvider is not null, $"{nameof(TimeProvider)} must not be null.");
        Check(Random is not null, $"{nameof(Random)} must not be null.");
        return problems;
    }

    /// <summary>The type's name alone: a record's usual text would show the key.</summary>
    public override string ToString() => nameof(HoliClientOptions);
}
