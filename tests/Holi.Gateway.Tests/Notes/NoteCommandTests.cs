using System.Diagnostics;
using System.Text.Json;
using Holi.Gateway.Tests.Storage;
using Holi.Servers;

namespace Holi.Gateway.Tests.Notes;

/// <summary><c>Holi.Gateway note FILE</c>, as somebody types it.</summary>
public sealed class NoteCommandTests : IAsyncLifetime
{
    private const string Talk = "Doctor: What brings you in?\nPatient: My knee hurts since Monday.\nDoctor: Rest it for one week.\n";

    private readonly TempFolder _folder = new();
    private ModelServer _model = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder.Path, "talk.txt");

    public async ValueTask InitializeAsync()
    {
        _model = await ModelServer.StartAsync(Cancel);
        await System.IO.File.WriteAllTextAsync(File, Talk, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_in_and_a_note_out_that_says_where_it_came_from()
    {
        var (code, output, _) = await RunAsync(File);
        code.ShouldBe(0);
        output.ShouldStartWith("DRAFT  SOAP note  (en)\n");
        output.ShouldContain("Subjective (0.90)\n  My knee hurts since Monday. [1]\n");
        output.ShouldContain("local: local, model fake-model-1, prompt note-1\n");
    }

    [Fact]
    public async Task A_whole_request_as_JSON_in_and_the_note_as_JSON_out()
    {
        await System.IO.File.WriteAllTextAsync(File, NotesScene.Asked.Replace("{\"tr", "{\"kind\":\"patientSummary\",\"tr", StringComparison.Ordinal), Cancel);
        var (code, output, _) = await RunAsync(File, "--json");
        code.ShouldBe(0);
        JsonDocument.Parse(output).RootElement.GetProperty("kind").GetString().ShouldBe("patientSummary");
    }

    [Fact]
    public async Task Without_a_model_there_is_a_template_and_another_exit_code()
    {
        await _model.AlwaysAsync("status 400");
        var (code, output, _) = await RunAsync(File);
        code.ShouldBe(3);
        output.ShouldContain("CHECK BEFORE SIGNING\n  No model wrote this");
        output.ShouldContain("tried: local rejected\n");
    }

    [Fact]
    public async Task What_cannot_be_used_is_said()
    {
        var (code, _, errors) = await RunAsync(Path.Combine(_folder.Path, "nothing.txt"));
        code.ShouldBe(1);
        errors.ShouldContain("nothing.txt");
        (code, _, errors) = await RunAsync(File, "--kind", "poem", "--language", "xx", "--budget", "soon");
        code.ShouldBe(2);
        errors.ShouldContain("3 settings are wrong");
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "Holi.Gateway.dll"), "note", .. arguments, "--data-folder", _folder.Path, "--set", $"CoPilot:Providers:local:Endpoint={_model.V1}",
        ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output, errors);
    }
}
