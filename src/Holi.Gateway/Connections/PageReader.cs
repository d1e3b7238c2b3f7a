using Holi.Gateway.Storage;

namespace Holi.Gateway.Connections;

/// <summary>Asks the host for pages, one at a time, and knows whose each one is.</summary>
internal sealed class PageReader(ConnectionCore core)
{
    private (PageFeed Feed, Follow Follow, ulong After)? _asked;

    public bool IsDone => _asked is null;

    /// <summary>Asks for what follows the cursor, unless a page is being read: then its feed is asked again at its next step.</summary>
    public void Ask(PageFeed feed, Follow follow)
    {
        if (_asked is not null)
            return;
        _asked = (feed, follow, follow.Sent);
        core.Host.ReadEvents(follow.Topic.TopicId, follow.Sent, core.Limits.PageEvents, core.Limits.PageBytes);
    }

    public void OnEvents(IReadOnlyList<StoredEvent> page)
    {
        var (feed, follow, after) = _asked!.Value;
        _asked = null;
        feed.OnPage(follow, after, page);
    }
}
