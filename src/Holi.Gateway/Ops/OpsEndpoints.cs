using System.Text.Json;
using Holi.CoPilot.Notes;
using Holi.Gateway.Auth;
using Holi.Gateway.Connections;
using Holi.Gateway.Notes;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Lanes;

namespace Holi.Gateway.Ops;

/// <summary>Health, status and revocation, for operators and whatever watches the gateway for them.</summary>
internal sealed class OpsEndpoints(GatewayNode node, NoteWriter notes, RevokedTokens revoked, TimeProvider time, ILogger log)
{
    /// <summary>The scope of a token that may administer.</summary>
    public const string AdminScope = "holi.admin";

    private static readonly TimeSpan RememberAtLeast = TimeSpan.FromDays(30);

    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>The process answers.</summary>
    public static Task LiveAsync(HttpContext context) => context.Response.WriteAsync("live\n");

    /// <summary>New connections are welcome: 200, else 503. Either way with what fails and since when, as JSON.</summary>
    public Task ReadyAsync(HttpContext context)
    {
        var readiness = node.Health.Readiness(node.IsDraining);
        context.Response.StatusCode = readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        // Whoever keeps an answer would go on believing it.
        context.Response.Headers.CacheControl = "no-store";
        var document = ReadyDocument.Of(readiness, node.Health, node.Cluster);
        return JsonSerializer.SerializeAsync(context.Response.Body, document, OpsJson.Default.ReadyDocument, context.RequestAborted);
    }

    public Task StatusAsync(HttpContext context)
    {
        // For who looks next: the answer does not wait for somebody else's server.
        _ = notes.CheckAsync(node.Stopping);
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, Status(), OpsJson.Default.StatusDocument, context.RequestAborted);
    }

    /// <summary>
    /// Makes one token worthless from now on, at all gateways; live connections that opened with it are closed with 4202. 503 where it could not be remembered for
    /// the others: it counts at this one, and is to be said again.
    /// </summary>
    public async Task RevokeAsync(HttpContext context)
    {
        if (!await IsAdminAsync(context))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        var request = await ReadAsync(context);
        // No token has a NUL in its id, and no log could keep it.
        if (request is not { Jti.Length: > 0 and <= RevokedTokens.TokenIdCharsMax } || request.Jti.Contains('\0', StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var now = time.GetUtcNow();
        var expiresMs = request.ExpiresMs ?? (now + RememberAtLeast).ToUnixTimeMilliseconds();
        var done = revoked.Revoke(request.Jti, expiresMs, now.ToUnixTimeMilliseconds());
        if (done)
            GatewayLog.TokenRevoked(log);
        done = done && await IsRememberedAsync(new RevokedToken(request.Jti, expiresMs), context.RequestAborted);
        context.Response.StatusCode = done ? StatusCodes.Status204NoContent : StatusCodes.Status503ServiceUnavailable;
    }

    private async Task<bool> IsRememberedAsync(RevokedToken token, CancellationToken cancel)
    {
        try
        {
            await node.Store.RevokeAsync(token, cancel);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private async Task<bool> IsAdminAsync(HttpContext context)
    {
        if (BearerToken.Of(context.Request) is not { } token)
            return false;
        var verdict = await node.Tokens.VerifyAsync(token);
        return verdict.Identity?.HasScope(AdminScope) ?? false;
    }

    private static async Task<RevokeRequest?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, OpsJson.Default.RevokeRequest, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private StatusDocument Status()
    {
        var readiness = node.Health.Readiness(node.IsDraining);
        var commits = node.Committer.Counts;
        var lanes = new long[LaneSets.Count];
        node.AddPendingBytes(lanes);
        return new StatusDocument(
            GatewayVersion.Text, (long)time.GetElapsedTime(_startedAt).TotalSeconds, readiness.State, readiness.Reason, readiness.Since,
            DependencyStatus.Of(node.Health), node.Health.Fallbacks.Active,
            node.Admissions.Connections, node.Admissions.Unauthenticated, node.Around.People.Online, node.Around.Hub.Topics,
            new CommitStatus(commits.Batches, commits.Inputs, commits.Events, commits.Failures, commits.Waiting),
            new LaneStatus(
                lanes[(int)Lane.Control], lanes[(int)Lane.Urgent], lanes[(int)Lane.Interactive], lanes[(int)Lane.Audio], lanes[(int)Lane.Bulk]),
            new MemoryStatus(
                Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalCommittedBytes,
                node.Around.Hub.TailBytes),
            new ReadStatus(node.Reads.Waiting), ClusterStatus(), NotesStatus.Of(notes.Status()));
    }

    private ClusterStatus? ClusterStatus()
    {
        if (node.Cluster is not { } cluster)
            return null;
        var (health, counts) = (cluster.Health, cluster.Counts);
        return new ClusterStatus(
            cluster.Self.ToString(), counts.Nodes, ReadyCluster.LineOf(health), health.SinceMs, health.Lag?.TotalMilliseconds, counts.Sent,
            counts.Heard, counts.Dropped, counts.Waiting, counts.Unsent, counts.Comparisons, node.Holes.Events);
    }
}
