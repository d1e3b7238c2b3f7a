using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// History pages, backwards from any offset (§8.7). One is read at a time, and put into the bulk lane when that is empty.
/// </summary>
internal sealed class HistoryDesk(ConnectionCore core, ReadyConnection parts)
{
    private readonly Queue<HistoryRequestFrame> _waiting = new();
    private (HistoryRequestFrame Request, Follow Follow)? _asked;
    private IReadOnlyList<StoredEvent>? _page;

    public void OnRequest(in HistoryRequestFrame request)
    {
        if (!parts.TryGetMine(request.Topic, request.Request, out _))
            return;
        if (_waiting.Count >= core.Limits.RequestsWaiting)
        {
            core.Error(HoliCode.Busy, request.Request, request.Topic);
            return;
        }
        _waiting.Enqueue(request);
        AskNext();
    }

    /// <summary>The page asked for.</summary>
    public void OnHistory(IReadOnlyList<StoredEvent> page) => _page = page;

    /// <summary>Puts a page that is there into the bulk lane, once that is empty and has credit for it.</summary>
    public void TryPut()
    {
        if (_page is not { } page || _asked is not { } asked || !core.Out.IsEmpty(Lane.Bulk) || !core.Out.HasRoom(Lane.Bulk, EventEncoding.BytesMax(page)))
            return;
        _page = null;
        _asked = null;
        if (asked.Follow.State == FollowState.Gone)
            core.Error(HoliCode.NotFound, asked.Request.Request, asked.Request.Topic);
        else
            Put(asked.Request, asked.Follow, page);
        AskNext();
    }

    private void Put(in HistoryRequestFrame request, Follow follow, IReadOnlyList<StoredEvent> page)
    {
        var through = follow.Visible;
        var frames = new ArrayBufferWriter<byte>(EventEncoding.BytesMax(page));
        var position = page.Count > 0 ? page[0].Offset - 1 : 0;
        foreach (var stored in page)
        {
            if (stored.Offset > through)
                break;
            if (stored.Offset > position + 1)
                new SkipFrame(follow.Number, stored.Offset - 1, SkipReason.Removed).Write(frames);
            EventEncoding.Write(frames, follow.Number, stored, core.Hub.TimeBaseMs);
            position = stored.Offset;
        }
        var isLast = page.Count == 0 || page[0].Offset <= follow.First;
        var output = new ArrayBufferWriter<byte>(frames.WrittenCount + 32);
        new HistoryPageFrame(request.Request, request.Topic, isLast, new ReadOnlySequence<byte>(frames.WrittenMemory)).Write(output);
        core.Out.TryShare(Lane.Bulk, output.WrittenMemory);
    }

    private void AskNext()
    {
        while (_asked is null && core.IsOpen && _waiting.TryDequeue(out var request))
        {
            if (!parts.TryGetMine(request.Topic, request.Request, out var follow))
                continue;
            var end = follow.Visible + 1;
            var before = request.Before == 0 ? end : Math.Min(request.Before, end);
            _asked = (request, follow);
            if (before <= follow.First)
                _page = [];
            else
                core.Host.ReadHistory(follow.Topic.TopicId, follow.First, before, (int)request.Count, core.Limits.PageBytes);
        }
    }
}
