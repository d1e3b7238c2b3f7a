using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace Holi.Gateway.Ingress.Http;

/// <summary>
/// <c>POST /v1/publish</c> and <c>DELETE /v1/publish/&lt;key&gt;</c> (backends.md §7). A request that is cut was submitted whole or not at all, is decided
/// whether or not anybody waits for the answer, and sent again changes nothing.
/// </summary>
internal sealed class PublishEndpoint(GatewayNode node, TimeProvider time)
{
    /// <summary>The scope of a token that may publish.</summary>
    public const string Scope = "holi.publish";

    private readonly PublishTurns _turns = new(node.Limits);

    public Task PublishAsync(HttpContext context) => ServeAsync(context, async who =>
    {
        if (await ReadAsync(context, who) is { } body)
            await DecideAsync(context, who, body, isCancellation: false);
    });

    public Task CancelAsync(HttpContext context) => ServeAsync(context, who =>
    {
        var fields = new PublicationFields
        {
            Tenant = who.Tenant, Key = (string?)context.Request.RouteValues["key"], Kind = PublicationReader.CancelKind,
        };
        var reading = PublicationReader.Read(fields);
        return DecideAsync(context, who, new PublishBody(false, [(reading.Asked?.Key.Key, reading)]), isCancellation: true);
    });

    private async Task ServeAsync(HttpContext context, Func<TokenIdentity, Task> serve)
    {
        if (await AdmitAsync(context) is not { } who)
            return;
        try
        {
            await serve(who);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked is gone.
        }
        finally
        {
            _turns.Leave((who.Tenant, who.User));
        }
    }

    // Who asks, if they may and there is room; else the problem was answered.
    private async Task<TokenIdentity?> AdmitAsync(HttpContext context)
    {
        if (BearerToken.Of(context.Request) is not { } token)
            return await RefuseAsync(context, HoliCode.TokenInvalid, "A bearer token is needed.");
        var verdict = await node.Tokens.VerifyAsync(token);
        if (verdict.Identity is not { } who)
            return await RefuseAsync(context, verdict.Code, "The token is not good, or cannot be verified just now.");
        if (!who.HasScope(Scope))
        {
            node.Backends.Denied(who);
            return await RefuseAsync(context, HoliCode.Forbidden, $"The token lacks the scope {Scope}.");
        }
        if (node.IsDraining)
            return await RefuseAsync(context, HoliCode.Overloaded, "The gateway is going away; another takes its place.");
        if (!node.Committer.Health.IsHealthy)
            return await RefuseAsync(context, HoliCode.StorageUnavailable, "The log cannot be written just now.");
        var code = _turns.Enter((who.Tenant, who.User));
        return code == HoliCode.None ? who : await RefuseAsync(context, code, "Too many requests are being served.");
    }

    private static async Task<TokenIdentity?> RefuseAsync(HttpContext context, HoliCode code, string detail)
    {
        await PublishReplies.ProblemAsync(context, code, detail);
        return null;
    }

    // The body, or null where the problem was answered.
    private async Task<PublishBody?> ReadAsync(HttpContext context, TokenIdentity who)
    {
        if (!context.Request.HasJsonContentType())
        {
            await PublishReplies.ProblemAsync(
                context, HoliCode.RefusedPayload, "The body must be application/json.", StatusCodes.Status415UnsupportedMediaType);
            return null;
        }
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = node.Limits.PublicationBodyBytes;
        using var bytes = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            var isTooLarge = e.StatusCode == StatusCodes.Status413PayloadTooLarge;
            await PublishReplies.ProblemAsync(
                context,
                isTooLarge ? HoliCode.RefusedTooLarge : HoliCode.RefusedPayload,
                isTooLarge ? $"The body may have {node.Limits.PublicationBodyBytes} bytes." : "The body did not come whole.",
                e.StatusCode);
            return null;
        }
        // What follows is computing, and not for the socket's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var body = PublishBody.Read(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), who.Tenant, node.Limits.PublicationItems, out var problem);
        if (body is null)
            await PublishReplies.ProblemAsync(context, HoliCode.RefusedPayload, problem, StatusCodes.Status400BadRequest);
        return body;
    }

    private async Task DecideAsync(HttpContext context, TokenIdentity who, PublishBody body, bool isCancellation)
    {
        var asked = body.Readings.Select(item => item.Reading.Asked).OfType<Asked>().ToList();
        node.Backends.Unreadable(PublicationRoads.Http, body.Readings.Count - asked.Count);
        var answers = node.Backends.Publish(asked, who.User, PublicationRoads.Http);
        if (answers is null)
        {
            node.Backends.TurnedAway(PublicationRoads.Http, asked.Count);
            await RefuseAsync(context, HoliCode.Overloaded, "The gateway has no room for more just now.");
            return;
        }
        IReadOnlyList<PublicationAnswer> answered;
        try
        {
            answered = await answers.WaitAsync(node.Limits.PublicationTimeout, time, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            await RefuseAsync(context, HoliCode.StorageUnavailable, "It is not known whether it is committed: send the same again.");
            return;
        }
        if (answered.Any(answer => answer.Result == PublicationResult.NotTaken))
        {
            await RefuseAsync(context, HoliCode.Overloaded, "Not everything could be decided: send the same again.");
            return;
        }
        var items = Items(body, answered);
        if (body.IsBatch)
            await PublishReplies.ItemsAsync(context, items);
        else
            await PublishReplies.ItemAsync(context, items[0], isCancellation);
    }

    // Answers are there for those that were submitted; the others say why they were not.
    private static List<PublishedItem> Items(PublishBody body, IReadOnlyList<PublicationAnswer> answered)
    {
        var items = new List<PublishedItem>(body.Readings.Count);
        var next = 0;
        foreach (var (key, reading) in body.Readings)
            items.Add(reading.Refusal is { } refusal ? PublishAnswers.Of(key, refusal) : PublishAnswers.Of(key, answered[next++]));
        return items;
    }
}
