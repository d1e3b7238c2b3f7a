using Holi.Gateway.Cluster.Redis;

namespace Holi.Gateway.Ops;

/// <summary>Reads <c>Redis:…</c>. A configuration may hold a password, so nothing of it is ever repeated.</summary>
internal static class RedisSettings
{
    private const string Configuration = "Configuration", Sharded = "Sharded";
    private const string Example = "write it like redis.example.org:6379,user=holi,password=…,ssl=true";

    /// <summary>Null where no Redis is named.</summary>
    public static RedisOptions? Read(IConfiguration section, List<string> errors)
    {
        var text = section[Configuration];
        foreach (var child in section.GetChildren())
        {
            if (!child.Key.Equals(Configuration, StringComparison.OrdinalIgnoreCase) && !child.Key.Equals(Sharded, StringComparison.OrdinalIgnoreCase))
                errors.Add($"Redis:{child.Key} is no setting: the names are {Configuration}, {Sharded}.");
            else if (string.IsNullOrWhiteSpace(text))
                errors.Add($"Redis:{Configuration} is missing: {Example}.");
        }
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var options = new RedisOptions { Configuration = text, Sharded = ReadSharded(section[Sharded], errors) };
        Check(options, errors);
        return options;
    }

    private static void Check(RedisOptions options, List<string> errors)
    {
        try
        {
            if (options.ToClient("holi").EndPoints.Count == 0)
                errors.Add($"Redis:{Configuration} names no server: {Example}.");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            errors.Add($"Redis:{Configuration} cannot be read: {Example}.");
        }
    }

    private static bool? ReadSharded(string? text, List<string> errors)
    {
        if (string.IsNullOrEmpty(text) || text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            return null;
        if (bool.TryParse(text, out var sharded))
            return sharded;
        errors.Add($"Redis:{Sharded} '{text}' is none of auto, true and false: write one of them.");
        return null;
    }
}
