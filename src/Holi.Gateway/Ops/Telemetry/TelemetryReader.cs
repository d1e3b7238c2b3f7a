using System.Globalization;

namespace Holi.Gateway.Ops.Telemetry;

/// <summary>Makes <see cref="TelemetryOptions"/> of the settings under <c>Telemetry</c>, and says everything that is wrong with them.</summary>
internal sealed class TelemetryReader
{
    private static readonly string[] Names = ["Otlp", "IntervalSeconds", "Prometheus", "PrometheusUrl", "TraceRatio"];

    private readonly IConfiguration _section;
    private readonly List<string> _errors;

    private TelemetryReader(IConfiguration section, List<string> errors) => (_section, _errors) = (section, errors);

    public static TelemetryOptions Read(IConfiguration section, List<string> errors) => new TelemetryReader(section, errors).Read();

    private TelemetryOptions Read()
    {
        foreach (var child in _section.GetChildren())
        {
            if (!Names.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                _errors.Add($"Telemetry:{child.Key} is no setting: the names are {string.Join(", ", Names)}.");
        }
        var options = new TelemetryOptions
        {
            Otlp = Address("Otlp", "http://127.0.0.1:4318"),
            Interval = TimeSpan.FromSeconds(Number("IntervalSeconds", 60, 1, 3_600)),
            Prometheus = Flag("Prometheus"),
            PrometheusUrl = Address("PrometheusUrl", "http://127.0.0.1:9464"),
            TraceRatio = Number("TraceRatio", 0, 0, 1),
        };
        Check(options);
        return options;
    }

    // Half of a pair does nothing, and whoever set it thinks that it does.
    private void Check(TelemetryOptions options)
    {
        if (options.PrometheusUrl is { } url)
        {
            if (url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/")
                Add("PrometheusUrl", $"'{url}' is not a plain http:// address", "write it like http://127.0.0.1:9464, without a path");
            if (!options.Prometheus)
                Add("PrometheusUrl", "is set, and nothing is shown there", "set Telemetry:Prometheus=true as well");
        }
        if (options.TraceRatio > 0 && options.Otlp is null)
            Add("TraceRatio", "is set, and traces go nowhere", "name a collector in Telemetry:Otlp as well");
    }

    private Uri? Address(string name, string example)
    {
        var text = _section[name];
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var isWeb = Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
        if (isWeb && url!.UserInfo.Length == 0)
            return url;
        // Not repeated: it may hold a password.
        Add(name, "is not a web address without a user in it", $"write it like {example}");
        return null;
    }

    private double Number(string name, double otherwise, double min, double max)
    {
        var text = _section[name];
        if (string.IsNullOrWhiteSpace(text))
            return otherwise;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Add(name, $"'{text}' is out of range", string.Create(CultureInfo.InvariantCulture, $"write a number from {min} to {max}"));
        return otherwise;
    }

    private bool Flag(string name)
    {
        var text = _section[name];
        if (string.IsNullOrWhiteSpace(text))
            return false;
        if (!bool.TryParse(text, out var flag))
            Add(name, $"'{text}' is neither true nor false", "write one of them");
        return flag;
    }

    private void Add(string name, string problem, string remedy) => _errors.Add($"Telemetry:{name} {problem}: {remedy}.");
}
