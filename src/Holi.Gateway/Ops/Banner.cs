namespace Holi.Gateway.Ops;

/// <summary>What a person reads who has just started a gateway: where it is, where its data is, and what to type next.</summary>
internal static class Banner
{
    public static void Print(GatewayHost host, HoliOptions options)
    {
        var url = host.Urls.Count > 0 ? host.Urls[0] : "";
        var endpoint = "ws" + url[4..].TrimEnd('/') + "/v1/ws";
        var output = Console.Out;
        output.WriteLine($"""
            Holi {GatewayVersion.Text}
              listening  {string.Join("  ", host.Urls)}   (WebSocket {endpoint}, status {url}/v1/status)
              data       {options.DataFolder}
              log        {options.LogPlace}
            """);
        if (!options.Auth.IsDevelopment)
            return;
        output.WriteLine($"""
              keys       a development key in the data folder; name your own or your authority for anything real (Auth:KeyFile, Auth:Authority)

            Next, in another terminal:
              dotnet run --project src/Holi.Gateway -- token --user ana --data-folder {options.DataFolder}
              dotnet run --project samples/Holi.Chat
            Ctrl+C stops it in order.
            """);
    }
}
