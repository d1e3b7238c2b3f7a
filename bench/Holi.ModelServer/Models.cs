using System.Text.Json.Nodes;

namespace Holi.ModelServer;

/// <summary>The list of models: what a health check asks for. It misbehaves only where the server always does.</summary>
internal static class Models
{
    public static async Task ServeAsync(HttpContext context, Control control)
    {
        var model = new JsonObject { ["id"] = control.Model, ["object"] = "model", ["type"] = "model", ["display_name"] = "A fake", ["owned_by"] = "nobody", ["created"] = 0 };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["object"] = "list", ["data"] = new JsonArray(model), ["has_more"] = false }.ToJsonString());
    }
}
