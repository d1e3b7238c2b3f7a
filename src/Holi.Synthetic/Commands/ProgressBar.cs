using Spectre.Console;

namespace Holi.Synthetic.Commands;

/// <summary>A bar with rate and time left on standard error, where that is a terminal; nothing where it is not.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work, which calls what it is given with how many more are done.</summary>
    public static async Task RunAsync(string title, int total, int done, Func<Action<int>, Task> work)
    {
        if (Console.IsErrorRedirected || total == done)
        {
            await work(_ => { });
            return;
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new Spectre.Console.ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: total - done);
                await work(more => task.Increment(more));
            });
    }

    /// <summary>How many a second.</summary>
    private sealed class RateColumn : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{task.Speed ?? 0:F0}/s");
    }
}
