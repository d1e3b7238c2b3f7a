using System.CommandLine;
using System.Globalization;
using Holi.Gateway.Ingress.Http;
using Holi.Gateway.Notes;
using Holi.Gateway.Ops.Doctor;

namespace Holi.Gateway.Ops;

/// <summary>What can be typed. Without a command the gateway runs.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> DataFolder = new("--data-folder")
    {
        Description = "Where the log and the development key lie (HOLI_DATAFOLDER).",
        Recursive = true,
    };

    private static readonly Option<string?> Urls = new("--urls")
    {
        Description = "Where to listen; several with ; between (HOLI_URLS).",
        Recursive = true,
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "Any other setting, as Name=Value, for example Limits:HeartbeatSeconds=10.",
        Recursive = true,
        AllowMultipleArgumentsPerToken = false,
    };

    public static RootCommand Build()
    {
        var root = new RootCommand("Holi's gateway: chat, presence and receipts over one WebSocket, each message on disk before it is acknowledged.")
        {
            DataFolder, Urls, Set, BuildToken(), BuildAudit(), BuildMigrate(), BuildDoctor(), BuildNote(),
        };
        root.SetAction((parsed, _) => RunCommand.RunAsync(SettingsOf(parsed)));
        return root;
    }

    private static Command BuildToken()
    {
        var user = new Option<string>("--user") { Description = "Who the token is for.", Required = true };
        var tenant = new Option<string?>("--tenant") { Description = "The tenant; else the default one." };
        var scope = new Option<string?>("--scope") { Description = $"Scopes, for example {PublishEndpoint.Scope}, {NotesEndpoint.Scope} or {OpsEndpoints.AdminScope}." };
        var lifetime = new Option<string>("--lifetime")
        {
            Description = "How long it is good for: a number and s, m, h or d.",
            DefaultValueFactory = _ => "12h",
        };
        var command = new Command("token", "Prints a token for this gateway, made with its shared key.") { user, tenant, scope, lifetime };
        command.SetAction(parsed => TokenCommand.Run(
            SettingsOf(parsed), parsed.GetRequiredValue(user), parsed.GetValue(tenant), parsed.GetValue(scope), parsed.GetRequiredValue(lifetime)));
        return command;
    }

    private static Command BuildAudit()
    {
        var verify = new Command("verify", "Walks the audit trail's chain of hashes; works beside a running gateway.");
        verify.SetAction((parsed, cancel) => AuditCommand.VerifyAsync(SettingsOf(parsed), cancel));
        return new Command("audit", "The audit trail.") { verify };
    }

    private static Command BuildMigrate()
    {
        var migrate = new Command("migrate", "Upgrades the schema in Postgres; gateways that run go on. A gateway does the same when it starts.");
        migrate.SetAction((parsed, cancel) => MigrateCommand.RunAsync(SettingsOf(parsed), cancel));
        return migrate;
    }

    private static Command BuildDoctor()
    {
        var doctor = new Command("doctor", "Looks at this configuration and all that it names (disk, keys, Postgres, Redis), and says what to fix. Changes nothing. Ends with 0: nothing, 1: warnings, 2: problems.");
        doctor.SetAction((parsed, cancel) => DoctorCommand.RunAsync(SettingsOf(parsed), cancel));
        return doctor;
    }

    private static Command BuildNote()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "A transcript as text, one line for each sentence (Doctor: …, Patient: …), or a whole request as JSON; - for the standard input.",
        };
        var kind = new Option<string>("--kind") { Description = "soap, progress, referral or patientSummary.", DefaultValueFactory = _ => "soap" };
        var language = new Option<string>("--language") { Description = "en, es or pt, for a text.", DefaultValueFactory = _ => "en" };
        var budget = new Option<string>("--budget") { Description = "How long to wait: a number and s or m.", DefaultValueFactory = _ => "60s" };
        var localOnly = new Option<bool>("--local-only") { Description = "Nothing leaves the building." };
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var command = new Command("note", "Writes the draft of a note from a transcript, with the providers of this configuration. Ends with 0: a model wrote it, 3: it is a template.")
        {
            file, kind, language, budget, localOnly, json,
        };
        command.SetAction((parsed, cancel) => NoteCommand.RunAsync(
            SettingsOf(parsed),
            new NoteCommandLine(
                parsed.GetRequiredValue(file), parsed.GetRequiredValue(kind), parsed.GetRequiredValue(language), parsed.GetRequiredValue(budget),
                parsed.GetValue(localOnly), parsed.GetValue(json)),
            cancel));
        return command;
    }

    // In order of weight: the file beside the program, HOLI_… of the environment, the command line.
    private static IConfiguration SettingsOf(ParseResult parsed)
    {
        var file = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .Build();
        var typed = new Dictionary<string, string?>();
        foreach (var assignment in parsed.GetValue(Set) ?? [])
        {
            var split = assignment.IndexOf('=', StringComparison.Ordinal);
            typed[split < 0 ? assignment : assignment[..split]] = split < 0 ? "" : assignment[(split + 1)..];
        }
        if (parsed.GetValue(DataFolder) is { } folder)
            typed["DataFolder"] = folder;
        if (parsed.GetValue(Urls) is { } urls)
            typed["Urls"] = urls;
        return new ConfigurationBuilder()
            .AddConfiguration(file.GetSection("Holi"))
            .AddEnvironmentVariables("HOLI_")
            .AddInMemoryCollection(typed)
            .Build();
    }

    /// <summary>Reads 90s, 30m, 12h, 7d.</summary>
    public static bool TryReadLifetime(string text, out TimeSpan lifetime)
    {
        lifetime = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            return false;
        lifetime = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => TimeSpan.Zero,
        };
        return lifetime > TimeSpan.Zero && lifetime <= TimeSpan.FromDays(3_650);
    }
}
