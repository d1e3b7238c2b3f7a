using System.Text.Json;
using Holi.Gateway.Connections.Sockets;
using Holi.Wire;
using Microsoft.Net.Http.Headers;

namespace Holi.Gateway.Ingress.Http;

/// <summary>Writes what is answered. A problem's title is its code's name; nothing of what was sent is in it, but a key that has the form of one.</summary>
internal static class PublishReplies
{
    private const string RetryAfterSeconds = "1";

    public static Task ItemsAsync(HttpContext context, IReadOnlyList<PublishedItem> items)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(
            context.Response.Body, new PublishedItems(items), PublishJson.Default.PublishedItems, context.RequestAborted);
    }

    public static Task ItemAsync(HttpContext context, PublishedItem item, bool isCancellation)
    {
        var status = PublishAnswers.StatusOf(item, isCancellation);
        if (!PublishAnswers.IsDone(item, isCancellation))
        {
            var code = (HoliCode)item.Code!.Value;
            return WriteAsync(context, new Problem(
                Title(code), status, item.Detail ?? "", (int)code, item.Key, item.Result, item.Topic, item.Offset));
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, item, PublishJson.Default.PublishedItem, context.RequestAborted);
    }

    /// <summary>The request as a whole was not served.</summary>
    public static Task ProblemAsync(HttpContext context, HoliCode code, string detail, int? status = null) =>
        WriteAsync(context, new Problem(Title(code), status ?? PublishAnswers.StatusOf(code), detail, (int)code));

    private static Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        if (problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            response.Headers[HeaderNames.RetryAfter] = RetryAfterSeconds;
        if (problem.Status == StatusCodes.Status401Unauthorized)
            response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return JsonSerializer.SerializeAsync(response.Body, problem, PublishJson.Default.Problem, context.RequestAborted);
    }

    private static string Title(HoliCode code) => CloseReasons.Of(code);
}
