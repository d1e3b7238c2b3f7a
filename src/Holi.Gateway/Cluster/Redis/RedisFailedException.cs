using System.Net.Sockets;
using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>Redis did not do it, or nobody knows whether it did. The message never contains content: a server's answer gives its first word alone.</summary>
internal sealed class RedisFailedException(Exception inner) : Exception(Describe(inner), inner)
{
    private const int WordCharsMax = 32;

    /// <summary>The server's words (its first ones) that are dealt with: no such group, there is one already, its memory is full.</summary>
    public const string NoGroup = "NOGROUP", GroupExists = "BUSYGROUP", NoMemory = "OOM";

    /// <summary>The first word of the server's answer, such as NOGROUP; empty where there was none.</summary>
    public string Word { get; } = WordOf(inner);

    /// <summary>True for what talking to Redis may throw.</summary>
    public static bool Is(Exception e) =>
        e is RedisException or RedisCommandException or TimeoutException or SocketException or IOException or ObjectDisposedException or InvalidCastException;

    private static string Describe(Exception inner) => inner switch
    {
        RedisServerException => $"it answered {WordOf(inner)}",
        TimeoutException => "it did not answer in time",
        RedisCommandException => "it does not know the command, or the user may not use it",
        _ => "it cannot be reached",
    };

    private static string WordOf(Exception inner)
    {
        if (inner is not RedisServerException)
            return "";
        var word = inner.Message.AsSpan()[..Math.Min(WordCharsMax, inner.Message.Length)];
        var end = word.IndexOfAnyExceptInRange('A', 'Z');
        return word[..(end < 0 ? word.Length : end)].ToString();
    }
}
