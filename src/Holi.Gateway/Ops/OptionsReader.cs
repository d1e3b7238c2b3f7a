using System.Globalization;
using System.Net;
using System.Text;
using Holi.Gateway.Auth;
using Holi.Gateway.Ops.Telemetry;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ops;

/// <summary>
/// Makes <see cref="HoliOptions"/> of settings, by hand: no reflection, and every mistake found in one go, each in words that say what, what is
/// wrong with it, and what to do. A value that may be secret is never repeated.
/// </summary>
public sealed class OptionsReader
{
    public const string DefaultIssuer = "holi-development";
    public const string DefaultAudience = "holi";

    private readonly IConfiguration _settings;
    private readonly List<string> _errors = [];

    private OptionsReader(IConfiguration settings) => _settings = settings;

    /// <summary>Reads and checks. The options can be used where <paramref name="errors"/> is empty.</summary>
    public static HoliOptions Read(IConfiguration settings, out IReadOnlyList<string> errors)
    {
        var reader = new OptionsReader(settings);
        var options = reader.Read();
        errors = reader._errors;
        return options;
    }

    private HoliOptions Read()
    {
        var limits = LimitsReader.Read(_settings.GetSection("Limits"), _errors);
        var (dataFolder, restored) = (ReadDataFolder(), ReadFlag("Restored"));
        return new HoliOptions
        {
            DataFolder = dataFolder,
            Urls = ReadUrls(),
            AllowedOrigins = ReadOrigins(),
            TrustedProxies = ReadProxies(),
            Auth = ReadAuth(limits),
            Postgres = PostgresSettings.Read(_settings.GetSection("Postgres"), dataFolder, restored, _errors),
            Redis = RedisSettings.Read(_settings.GetSection("Redis"), _errors),
            CoPilot = CoPilotSettings.Read(_settings.GetSection("CoPilot"), _errors),
            Restored = restored,
            Limits = limits,
            Telemetry = TelemetryReader.Read(_settings.GetSection("Telemetry"), _errors),
        };
    }

    private string ReadDataFolder()
    {
        var folder = _settings["DataFolder"];
        if (string.IsNullOrWhiteSpace(folder))
            folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "holi");
        folder = Path.GetFullPath(folder);
        if (File.Exists(folder))
            Add("DataFolder", $"'{folder}' is a file", "name a folder; it is made if it is missing");
        return folder;
    }

    private List<Uri> ReadUrls()
    {
        var urls = new List<Uri>();
        foreach (var text in List("Urls", "http://127.0.0.1:5080"))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
                Add("Urls", $"'{text}' is not an address", "write it like http://127.0.0.1:5080");
            else if (url.Scheme == Uri.UriSchemeHttps)
                Add("Urls", $"'{text}' asks for TLS", "listen on http:// and let a proxy in front end the TLS");
            else if (url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/")
                Add("Urls", $"'{text}' is not a plain http:// address", "write it like http://127.0.0.1:5080, without a path");
            else
                urls.Add(url);
        }
        return urls;
    }

    private List<string> ReadOrigins()
    {
        var origins = new List<string>();
        foreach (var text in List("AllowedOrigins", ""))
        {
            if (text == "*")
                origins.Add(text);
            else if (Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.GetLeftPart(UriPartial.Authority) == text.TrimEnd('/'))
                origins.Add(text.TrimEnd('/'));
            else
                Add("AllowedOrigins", $"'{text}' is not an origin", "write scheme, host and port only, like https://app.example.org");
        }
        return origins;
    }

    private List<IPAddress> ReadProxies()
    {
        var proxies = new List<IPAddress>();
        foreach (var text in List("TrustedProxies", ""))
        {
            if (IPAddress.TryParse(text, out var address))
                proxies.Add(address);
            else
                Add("TrustedProxies", $"'{text}' is not an IP address", "write the proxy's own address, like 10.0.0.2");
        }
        return proxies;
    }

    private AuthOptions ReadAuth(GatewayLimits limits)
    {
        var authority = ReadAuthUrl("Auth:Authority");
        var jwks = ReadAuthUrl("Auth:Jwks");
        var key = ReadKey();
        string[] sources = ["Auth:Key", "Auth:KeyFile", "Auth:Authority", "Auth:Jwks"];
        var named = Array.FindAll(sources, name => !string.IsNullOrEmpty(_settings[name]));
        if (named.Length > 1)
            Add(string.Join(" and ", named), "say where keys come from more than once", "keep one of them");

        var isDevelopment = named.Length == 0;
        var issuer = Text("Auth:Issuer", isDevelopment ? DefaultIssuer : "");
        if (issuer.Length == 0)
            Add("Auth:Issuer", "is missing", "write the 'iss' of the tokens that your authority makes");
        var audience = Text("Auth:Audience", DefaultAudience);
        var tenant = Text("Auth:DefaultTenant", "default");
        // "-" says that there is no default: every token must name its tenant.
        if (tenant != "-" && !TopicName.IsUser(tenant))
            Add("Auth:DefaultTenant", $"'{tenant}' is not 1–64 of A–Z a–z 0–9 . _ @ -", "choose such a name, or - if every token names its tenant");
        return new AuthOptions
        {
            Key = key,
            Authority = authority,
            Jwks = jwks,
            Rules = new TokenRules(issuer, audience, tenant == "-" ? null : tenant, limits.TokenSkew),
        };
    }

    private byte[]? ReadKey()
    {
        var text = _settings["Auth:Key"];
        var source = "Auth:Key";
        if (string.IsNullOrEmpty(text) && _settings["Auth:KeyFile"] is { Length: > 0 } path)
        {
            source = "Auth:KeyFile";
            text = ReadFile(path);
        }
        if (string.IsNullOrEmpty(text))
            return null;
        // A key of random bytes is usually written as Base64; any other text is its own bytes.
        var buffer = new byte[text.Length];
        var key = Convert.TryFromBase64String(text, buffer, out var length) && length >= TokenKeys.SharedKeyBytesMin
            ? buffer[..length]
            : Encoding.UTF8.GetBytes(text);
        if (key.Length >= TokenKeys.SharedKeyBytesMin)
            return key;
        Add(source, $"is {key.Length} bytes long, and HS256 needs {TokenKeys.SharedKeyBytesMin}", "make one with: openssl rand -base64 32");
        return null;
    }

    private string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add("Auth:KeyFile", $"'{path}' cannot be read", "check that it exists and that the gateway's user may read it");
            return null;
        }
    }

    private Uri? ReadAuthUrl(string name)
    {
        var text = _settings[name];
        if (string.IsNullOrEmpty(text))
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            Add(name, $"'{text}' is not a web address", "write it like https://login.example.org/");
        else if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
            Add(name, $"'{text}' would fetch keys without TLS", "use https://; http:// is for this machine alone");
        else
            return url;
        return null;
    }

    private bool ReadFlag(string name)
    {
        var text = Text(name, "false");
        if (!bool.TryParse(text, out var flag))
            Add(name, $"'{text}' is neither true nor false", "write one of them");
        return flag;
    }

    private string Text(string name, string otherwise) => _settings[name] is { Length: > 0 } text ? text.Trim() : otherwise;

    // A list is written as an array in a file, or with ; between in one setting.
    private List<string> List(string name, string otherwise)
    {
        var items = _settings.GetSection(name).GetChildren().Select(child => child.Value ?? "");
        if (_settings[name] is { Length: > 0 } text)
            items = text.Split(';');
        var found = items.Select(item => item.Trim()).Where(item => item.Length > 0).ToList();
        return found.Count > 0 || otherwise.Length == 0 ? found : [otherwise];
    }

    private void Add(string what, string problem, string remedy) =>
        _errors.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {problem}: {remedy}."));
}
