using System.Diagnostics;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holi.EndToEnd.Rfc6455.Peers;

/// <summary>Tries a gateway with a browser: a page served from here does what it can, and posts what it found back.</summary>
internal static class ChromiumPeer
{
    // The first start of a browser on a busy machine takes its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task<Found> FindAsync(GatewayProcess gateway, string page)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var site = builder.Build();
        site.Run(async context =>
        {
            if (context.Request.Path != "/found")
            {
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync(page.Replace("/*given*/", Found.Given(gateway), StringComparison.Ordinal));
                return;
            }
            using var body = new StreamReader(context.Request.Body);
            found.TrySetResult(await body.ReadToEndAsync());
        });
        await site.StartAsync(TestContext.Current.CancellationToken);
        using var profile = new TempFolder();
        var start = new ProcessStartInfo(
            "chromium",
            ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run", "--disable-background-networking",
                $"--user-data-dir={profile.Path}", site.Urls.First()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var browser = Process.Start(start) ?? throw new InvalidOperationException("chromium is missing: ./test.sh installs it.");
        // Read, so that it never waits for somebody to.
        _ = browser.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var complaints = browser.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var first = await Task.WhenAny(found.Task, browser.WaitForExitAsync(CancellationToken.None)).WaitAsync(Patience, TestContext.Current.CancellationToken);
            first.ShouldBe(found.Task, browser.HasExited ? await complaints : "");
            return Found.Of(await found.Task);
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync(CancellationToken.None);
        }
    }
}
