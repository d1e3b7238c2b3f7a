using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holi.ModelServer;

/// <summary>What both interfaces have in common: a request is remembered, and answered as the server was told, at once or piece by piece.</summary>
internal abstract class ModelApi(Control control)
{
    /// <summary>What every request is said to have had.</summary>
    protected const int InputTokens = 321;

    private const int PieceChars = 40;
    private const int OversizedPiece = 64 * 1024;

    // A reset overtakes what was sent before it; half of an answer is to be read first.
    private static readonly TimeSpan ResetAfter = TimeSpan.FromMilliseconds(100);

    protected abstract JsonObject Error(int status, string message);

    protected abstract (int Status, string Message)? Wrong(HttpContext context, JsonObject body);

    protected abstract (string System, string User) Prompt(JsonObject body);

    protected abstract JsonObject Whole(string model, string text, string finish);

    protected abstract IEnumerable<(string? Event, string Data)> Begin(JsonObject body, string model);

    protected abstract (string? Event, string Data) Piece(string model, string text);

    protected abstract IEnumerable<(string? Event, string Data)> End(JsonObject body, string model, string text, string finish);

    protected abstract (string? Event, string Data) ErrorPiece(string message);

    protected static int OutputTokens(string text) => Math.Max(1, text.Length / 4);

    protected static string TextOf(JsonNode? content) => content switch
    {
        null => "",
        JsonArray blocks => string.Concat(blocks.Select(block => (string?)block!["text"] ?? "")),
        _ => (string?)content ?? "",
    };

    public async Task ServeAsync(HttpContext context)
    {
        JsonObject body;
        try
        {
            body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        }
        catch (JsonException)
        {
            await RefuseAsync(context, 400, "the body is no JSON");
            return;
        }
        control.Remember(context, body);
        var behaviour = control.Next();
        if (Wrong(context, body) is { } wrong)
        {
            await RefuseAsync(context, wrong.Status, wrong.Message);
            return;
        }
        try
        {
            await ServeAsync(context, body, behaviour);
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
        }
    }

    private async Task ServeAsync(HttpContext context, JsonObject body, Behaviour behaviour)
    {
        var (system, user) = Prompt(body);
        switch (behaviour.Kind)
        {
            case "status":
                if (behaviour.Argument2.Length > 0)
                    context.Response.Headers.RetryAfter = behaviour.Argument2;
                // As real ones do: part of the request comes back in the error.
                await RefuseAsync(context, behaviour.Number, $"could not serve: {user[..Math.Min(user.Length, 2_000)]}");
                return;
            case "hang":
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                return;
            case "slow":
                await Task.Delay(behaviour.Number, context.RequestAborted);
                break;
            case "garbage":
                context.Response.ContentType = IsStreamed(body) ? "text/event-stream" : "application/json";
                await context.Response.WriteAsync($"event: message_start\ndata: {{{user[..Math.Min(user.Length, 200)]}\n\n", context.RequestAborted);
                return;
            default:
                break;
        }
        var text = TextFor(behaviour, system, user);
        var finish = behaviour.Kind is "length" or "lie-length" ? "length" : behaviour.Kind == "refusal" ? "refusal" : "stop";
        if (IsStreamed(body))
            await WritePiecesAsync(context, body, behaviour, text, finish);
        else
            await WriteWholeAsync(context, body, behaviour, text, finish);
    }

    private string TextFor(Behaviour behaviour, string system, string user)
    {
        var note = FakeNote.Of(system, user);
        return behaviour switch
        {
            { Kind: "malformed" } => "Certainly! Here is the note you asked for: { \"chiefComplaint\": ",
            { Kind: "schema" } => """{"note": "The patient is fine.", "sections": 3}""",
            { Kind: "empty" or "refusal" } => "",
            { Kind: "text" } => control.Text,
            { IsHalf: true } => note[..(note.Length / 2)],
            _ => note,
        };
    }

    private static bool IsStreamed(JsonObject body) => body["stream"] is { } stream && (bool)stream;

    private async Task WriteWholeAsync(HttpContext context, JsonObject body, Behaviour behaviour, string text, string finish)
    {
        context.Response.ContentType = "application/json";
        if (behaviour.Kind == "oversized")
            text = new string('x', 8 << 20);
        var json = Whole((string)body["model"]!, text, finish).ToJsonString();
        if (behaviour.Kind is "cut" or "cut-clean" or "hang-midway" or "error-midway")
        {
            context.Response.ContentLength = Encoding.UTF8.GetByteCount(json);
            await context.Response.WriteAsync(json[..(json.Length / 2)], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (behaviour.Kind == "hang-midway")
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            await Task.Delay(ResetAfter, context.RequestAborted);
            context.Abort();
            return;
        }
        await context.Response.WriteAsync(json, context.RequestAborted);
    }

    private async Task WritePiecesAsync(HttpContext context, JsonObject body, Behaviour behaviour, string text, string finish)
    {
        var model = (string)body["model"]!;
        context.Response.ContentType = "text/event-stream";
        foreach (var piece in Begin(body, model))
            await WriteAsync(context, piece);
        if (behaviour.Kind == "oversized")
        {
            var endless = new string('x', OversizedPiece);
            while (!context.RequestAborted.IsCancellationRequested)
                await WriteAsync(context, Piece(model, endless));
        }
        for (var from = 0; from < text.Length; from += PieceChars)
            await WriteAsync(context, Piece(model, text[from..Math.Min(text.Length, from + PieceChars)]));
        switch (behaviour.Kind)
        {
            case "hang-midway":
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "cut":
                await Task.Delay(ResetAfter, context.RequestAborted);
                context.Abort();
                break;
            case "cut-clean":
                break;
            case "error-midway":
                await WriteAsync(context, ErrorPiece("overloaded"));
                break;
            default:
                foreach (var piece in End(body, model, text, finish))
                    await WriteAsync(context, piece);
                break;
        }
    }

    private static async Task WriteAsync(HttpContext context, (string? Event, string Data) piece)
    {
        var name = piece.Event is null ? "" : $"event: {piece.Event}\n";
        await context.Response.WriteAsync($"{name}data: {piece.Data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(Error(status, message).ToJsonString());
    }
}
