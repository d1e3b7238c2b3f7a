using System.Text.Json;
using Holi.CoPilot.Notes;

namespace Holi.Gateway.Notes;

/// <summary>
/// Writes updates as server-sent events (WHATWG HTML, 9.2): <c>asking</c>, <c>statement</c>, <c>discarded</c>, and at last <c>note</c>. While nothing happens a comment is sent,
/// so that nobody between takes the connection for dead.
/// </summary>
internal static class NoteEvents
{
    public const string ContentType = "text/event-stream";

    private static readonly byte[] Comment = ": \n\n"u8.ToArray(), End = "\n\n"u8.ToArray();

    /// <summary>True where the caller reads events.</summary>
    public static bool AreWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase));

    public static async Task WriteAsync(HttpContext context, IAsyncEnumerable<NoteUpdate> updates, TimeSpan interval, TimeProvider time)
    {
        var (response, cancel) = (context.Response, context.RequestAborted);
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        // nginx would keep them back until its buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(cancel);
        await using var reader = updates.GetAsyncEnumerator(cancel);
        while (await NextAsync(reader, response, interval, time, cancel))
        {
            var update = reader.Current;
            await response.Body.WriteAsync(Head(update.Kind), cancel);
            await JsonSerializer.SerializeAsync(response.Body, update, NoteJson.Default.NoteUpdate, cancel);
            await response.Body.WriteAsync(End, cancel);
            await response.Body.FlushAsync(cancel);
        }
    }

    private static async Task<bool> NextAsync(
        IAsyncEnumerator<NoteUpdate> reader, HttpResponse response, TimeSpan interval, TimeProvider time, CancellationToken cancel)
    {
        var next = reader.MoveNextAsync().AsTask();
        while (true)
        {
            try
            {
                return await next.WaitAsync(interval, time, CancellationToken.None);
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
                if (!cancel.IsCancellationRequested)
                    await TryCommentAsync(response, cancel);
            }
        }
    }

    // A caller who is gone ends what is being read, and that ends this.
    private static async Task TryCommentAsync(HttpResponse response, CancellationToken cancel)
    {
        try
        {
            await response.Body.WriteAsync(Comment, cancel);
            await response.Body.FlushAsync(cancel);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
        }
    }

    private static ReadOnlyMemory<byte> Head(NoteUpdateKind kind) => kind switch
    {
        NoteUpdateKind.Asking => "event: asking\ndata: "u8.ToArray(),
        NoteUpdateKind.Statement => "event: statement\ndata: "u8.ToArray(),
        NoteUpdateKind.Discarded => "event: discarded\ndata: "u8.ToArray(),
        _ => "event: note\ndata: "u8.ToArray(),
    };
}
