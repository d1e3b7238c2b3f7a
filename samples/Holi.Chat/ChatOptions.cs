using Holi.Wire.Payloads;

namespace Holi.Chat;

/// <summary>What was typed behind the program's name. Every one may be left out.</summary>
internal sealed record ChatOptions
{
    public const string Usage = """
        A chat in the terminal. Start it twice.
          --user NAME       who you are                 default: ana, and ben where ana is taken
          --with NAME       who you write to            default: ben, or ana for everybody but ana; may be repeated in a room
          --room ID         a room instead of the two of you; whoever comes first makes it
          --gateway URL     default: http://127.0.0.1:5080 (HOLI_URLS); there one is started if none answers
          --store FOLDER    where this device keeps its messages, default: your local application data
          --token JWT       default: made with the development key of the gateway on this machine
          --plain           lines instead of a screen; so it is anyway where input or output is no terminal
        """;

    private const string DefaultGateway = "http://127.0.0.1:5080";

    /// <summary>Null: whoever of <see cref="DefaultUsers"/> is free.</summary>
    public string? User { get; private set; }

    public List<string> With { get; } = [];

    public string? RoomId { get; private set; }

    /// <summary>Where the gateway listens, http(s).</summary>
    public Uri Gateway { get; private set; } = new(Environment.GetEnvironmentVariable("HOLI_URLS")?.Split(';')[0] ?? DefaultGateway);

    /// <summary>A gateway that was asked for by name is waited for; only where none was, one is started.</summary>
    public bool IsGatewayNamed { get; private set; }

    public string StoreFolder { get; private set; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "holi-chat");

    public string? Token { get; private set; }

    public bool IsPlain { get; private set; } = Console.IsInputRedirected || Console.IsOutputRedirected;

    /// <summary>The same address as the device wants it.</summary>
    public Uri Endpoint => new UriBuilder(new Uri(Gateway, "v1/ws")) { Scheme = Gateway.Scheme == "https" ? "wss" : "ws" }.Uri;

    /// <summary>With no name given, two terminals are two people.</summary>
    public static IReadOnlyList<string> DefaultUsers { get; } = ["ana", "ben"];

    /// <summary>Whom <paramref name="user"/> writes to.</summary>
    public IReadOnlyList<string> PartnersOf(string user) =>
        With.Count > 0 || RoomId is not null ? With : [user == DefaultUsers[0] ? DefaultUsers[1] : DefaultUsers[0]];

    /// <summary>False: <paramref name="problem"/> is to be shown.</summary>
    public static bool TryParse(string[] args, out ChatOptions options, out string problem)
    {
        options = new ChatOptions();
        for (var i = 0; i < args.Length; i++)
        {
            problem = args[i] switch
            {
                "--plain" => options.SetPlain(),
                "--help" or "-h" or "-?" => Usage,
                var name when i + 1 < args.Length => options.Set(name, args[++i]),
                var name => $"'{name}' needs a value, or is not known.\n{Usage}",
            };
            if (problem.Length > 0)
                return false;
        }
        problem = options is { With.Count: > 1, RoomId: null } ? "More than two people need a --room." : "";
        return problem.Length == 0;
    }

    private string SetPlain()
    {
        IsPlain = true;
        return "";
    }

    private string Set(string name, string value)
    {
        switch (name)
        {
            case "--user" when TopicName.IsUser(value):
                User = value;
                return "";
            case "--with" when TopicName.IsUser(value) && !With.Contains(value):
                With.Add(value);
                return "";
            case "--room" when TopicName.IsId(value):
                RoomId = value;
                return "";
            case "--gateway" when Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https":
                (Gateway, IsGatewayNamed) = (url, true);
                return "";
            case "--store":
                StoreFolder = Path.GetFullPath(value);
                return "";
            case "--token":
                Token = value;
                return "";
            case "--user" or "--with":
                return $"{name} '{value}': a name is 1–64 of A–Z a–z 0–9 . _ @ - and is given once.";
            case "--room":
                return $"--room '{value}': an id is 1–64 of A–Z a–z 0–9 _ -";
            case "--gateway":
                return $"--gateway '{value}': write it like {DefaultGateway}";
            default:
                return $"'{name}' is not known.\n{Usage}";
        }
    }
}
