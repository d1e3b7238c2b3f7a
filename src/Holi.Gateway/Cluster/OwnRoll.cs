using Holi.Gateway.Cluster.Messages;

namespace Holi.Gateway.Cluster;

/// <summary>
/// Who is connected to this gateway, as others are told: a set with a version that counts its changes. Others take in what continues the version
/// that they have, and ask for the whole where something is missing; so nothing of it needs to be kept in Redis, nor to be found right there.
/// Thread-safe; takes no other lock.
/// </summary>
internal sealed class OwnRoll(NodeId self, ClusterLimits limits)
{
    private readonly Lock _lock = new();
    private readonly HashSet<PersonKey> _here = [];
    private readonly List<RollChange> _news = [];
    private readonly MessageWriter _writer = new();
    private ulong _told;

    /// <summary>Whose roll it is.</summary>
    public NodeId Self { get; set; } = self;

    /// <summary>True where this is the first change since the last telling.</summary>
    public bool Change(in RollChange change)
    {
        lock (_lock)
        {
            if (!(change.Online ? _here.Add(change.Who) : _here.Remove(change.Who)))
                return false;
            _news.Add(change);
            return _news.Count == 1;
        }
    }

    /// <summary>What changed; with nothing, that this gateway is there and where its roll stands.</summary>
    public void TellNews(Action<byte[]> send)
    {
        lock (_lock)
        {
            var next = 0;
            do
            {
                var count = CountFitting(next);
                RollNews.Begin(_writer, Self, _told, _told + (ulong)count);
                for (var end = next + count; next < end; next++)
                    RollNews.Add(_writer, _news[next]);
                _told += (ulong)count;
                send(_writer.ToArray());
            }
            while (next < _news.Count);
            _news.Clear();
        }
    }

    /// <summary>
    /// Everybody who is here, in pages, at the version last told. What changed since is told again by the news that follow, which changes nothing.
    /// </summary>
    public void TellAll(Action<byte[]> send)
    {
        lock (_lock)
        {
            var pages = _here.Chunk(PerMessage).DefaultIfEmpty([]).ToList();
            for (var page = 0; page < pages.Count; page++)
            {
                RollPage.Begin(_writer, Self, _told, (ulong)page, isLast: page == pages.Count - 1);
                foreach (var who in pages[page])
                    RollPage.Add(_writer, who);
                send(_writer.ToArray());
            }
        }
    }

    // Two names of 64 bytes at most with their lengths, and a time.
    private const int PersonBytesMax = 150;

    private int PerMessage => limits.MessageBytesMax / PersonBytesMax;

    private int CountFitting(int from) => Math.Min(PerMessage, _news.Count - from);
}
