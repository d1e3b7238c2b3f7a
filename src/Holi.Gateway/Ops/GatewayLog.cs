namespace Holi.Gateway.Ops;

/// <summary>What the gateway says to its operator: numbers, codes and addresses; never content, names of people, or tokens.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(100, LogLevel.Information, "Holi {Version} listens on {Urls}; data in {DataFolder}; the log is on {Place}.")]
    public static partial void Started(ILogger log, string version, string urls, string dataFolder, string place);

    [LoggerMessage(101, LogLevel.Warning, "The log's history was reset ({Why}): a new epoch is announced, devices fetch anew.")]
    public static partial void Restored(ILogger log, string why);

    [LoggerMessage(107, LogLevel.Warning, "Postgres has fsync off: a crash of its machine may lose what was acknowledged.")]
    public static partial void NotDurable(ILogger log);

    [LoggerMessage(102, LogLevel.Information, "Draining {Connections} connections.")]
    public static partial void Draining(ILogger log, int connections);

    [LoggerMessage(103, LogLevel.Information, "Stopped: {Batches} batches committed, {Left} connections cut.")]
    public static partial void Stopped(ILogger log, long batches, int left);

    [LoggerMessage(104, LogLevel.Debug, "A socket was refused with {Status}.")]
    public static partial void SocketRefused(ILogger log, int status);

    [LoggerMessage(105, LogLevel.Debug, "A connection ended with {Code}; in order: {InOrder}.")]
    public static partial void ConnectionEnded(ILogger log, int code, bool inOrder);

    [LoggerMessage(106, LogLevel.Information, "A token was revoked.")]
    public static partial void TokenRevoked(ILogger log);

    [LoggerMessage(108, LogLevel.Error, "A fault while serving a socket; the others go on.")]
    public static partial void SocketFault(ILogger log, Exception fault);
}
