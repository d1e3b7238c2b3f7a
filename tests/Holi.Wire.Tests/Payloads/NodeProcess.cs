using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Holi.Wire.Tests.Payloads;

/// <summary>A script of tests/js in a Node process of its own. Without Node or its packages a test fails and says what to do.</summary>
internal sealed class NodeProcess : IDisposable
{
    private const string Remedy = "Run ./test.sh from the repository's root: it installs Node and the packages that tests/js names.";
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    private readonly Process _process;

    private NodeProcess(Process process) => _process = process;

    /// <summary>The repository's root: where Holi.sln is.</summary>
    public static string Root { get; } = FindRoot();

    public static NodeProcess Start(string script, params string[] arguments)
    {
        var folder = Path.Combine(Root, "tests", "js");
        if (!File.Exists(Path.Combine(folder, "node_modules", "@msgpack", "msgpack", "package.json")))
            Assert.Fail($"tests/js/node_modules is missing. {Remedy}");
        var start = new ProcessStartInfo("node", [Path.Combine(folder, script), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
        };
        try
        {
            return new(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            Assert.Fail($"Node is missing. {Remedy}");
            throw;
        }
    }

    /// <summary>Sends each line and gives the answers, one a line, in order. The process ends with its input.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(IEnumerable<string> lines, CancellationToken cancel)
    {
        // Both pipes have little room: whoever wrote everything before reading anything would wait for ever.
        var errors = _process.StandardError.ReadToEndAsync(cancel);
        var answers = ReadLinesAsync(cancel);
        try
        {
            foreach (var line in lines)
                await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancel);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early; what it said on the way out is in the message below.
        }
        var read = await answers;
        await _process.WaitForExitAsync(cancel);
        ExitCode = _process.ExitCode;
        (await errors).ShouldBeEmpty();
        return read;
    }

    public int ExitCode { get; private set; }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<List<string>> ReadLinesAsync(CancellationToken cancel)
    {
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(cancel) is { } line)
            lines.Add(line);
        return lines;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException("No folder above the tests has Holi.sln.");
    }
}
