using System.Text.Json;
using Holi.CoPilot.Notes;
using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Ingress.Http;
using Holi.Gateway.Storage;
using Holi.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace Holi.Gateway.Notes;

/// <summary>
/// <c>POST /v1/notes</c>: a transcript in, the draft of a note out, as JSON or, to who accepts <c>text/event-stream</c>, as it is written. What is wrong with a request is a
/// problem (RFC 9457); that no model could write is none: then there is a template, and its provenance says why.
/// </summary>
internal sealed class NotesEndpoint(GatewayNode node, NoteWriter writer, TimeProvider time)
{
    /// <summary>The scope of a token that may have notes written.</summary>
    public const string Scope = "holi.notes";

    private readonly NotesTurns _turns = new(node.Limits.Notes);
    private readonly Lock _lock = new();
    private FrameMeter _denials;

    public async Task WriteAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } who)
            return;
        try
        {
            await ServeAsync(context, who);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked is gone; others who asked the same still get their note.
        }
        finally
        {
            _turns.Leave((who.Tenant, who.User));
        }
    }

    private async Task ServeAsync(HttpContext context, TokenIdentity who)
    {
        if (await ReadAsync(context) is not { } bytes)
            return;
        // What follows is computing, and not for the socket's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        IAsyncEnumerable<NoteUpdate> updates;
        try
        {
            var (request, budget) = NoteBody.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), who.Tenant, new NoteBudget(node.Limits.Notes.Budget));
            updates = writer.WatchAsync(request, budget, context.RequestAborted);
        }
        catch (NoteRequestException e)
        {
            await PublishReplies.ProblemAsync(
                context, e.IsTooLarge ? HoliCode.RefusedTooLarge : HoliCode.RefusedPayload, e.Message,
                e.IsTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity);
            return;
        }
        finally
        {
            await bytes.DisposeAsync();
        }
        if (NoteEvents.AreWanted(context.Request))
        {
            await NoteEvents.WriteAsync(context, updates, node.Limits.Notes.EventInterval, time);
            return;
        }
        Note? note = null;
        await foreach (var update in updates)
            note = update.Note ?? note;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(context.Response.Body, note!, NoteJson.Default.Note, context.RequestAborted);
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
            Denied(who);
            return await RefuseAsync(context, HoliCode.Forbidden, $"The token lacks the scope {Scope}.");
        }
        if (node.IsDraining)
            return await RefuseAsync(context, HoliCode.Overloaded, "The gateway is going away; another takes its place.");
        var code = _turns.Enter((who.Tenant, who.User), time.GetElapsedTime(0));
        return code == HoliCode.None ? who : await RefuseAsync(context, code, "Too many notes are being asked for.");
    }

    private static async Task<TokenIdentity?> RefuseAsync(HttpContext context, HoliCode code, string detail)
    {
        await PublishReplies.ProblemAsync(context, code, detail);
        return null;
    }

    // The body, or null where the problem was answered.
    private async Task<MemoryStream?> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await PublishReplies.ProblemAsync(
                context, HoliCode.RefusedPayload, "The body must be application/json.", StatusCodes.Status415UnsupportedMediaType);
            return null;
        }
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = node.Limits.Notes.BodyBytes;
        var bytes = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
            return bytes;
        }
        catch (BadHttpRequestException e)
        {
            await bytes.DisposeAsync();
            var isTooLarge = e.StatusCode == StatusCodes.Status413PayloadTooLarge;
            await PublishReplies.ProblemAsync(
                context,
                isTooLarge ? HoliCode.RefusedTooLarge : HoliCode.RefusedPayload,
                isTooLarge ? $"The body may have {node.Limits.Notes.BodyBytes} bytes." : "The body did not come whole.",
                e.StatusCode);
            return null;
        }
    }

    // Somebody who may not tried: worth an audit row, but no flood of them.
    private void Denied(TokenIdentity who)
    {
        lock (_lock)
        {
            if (_denials.Add(time.GetElapsedTime(0), node.Limits.MeterWindow) > node.Limits.ForeignAttempts)
                return;
        }
        node.Committer.Submit(new SubmitAudit(new AuditEntry(
            time.GetUtcNow().ToUnixTimeMilliseconds(), who.Tenant, who.User, "http", AuditActions.NoteDenied, AuditActions.CodeSubject(HoliCode.Forbidden))));
    }
}
