using Holi.Client;
using Holi.Wire.Payloads;

namespace Holi.Chat.Rooms;

/// <summary>
/// The conversation as it is shown: events applied in whatever order they come, then what is still on its way, with the program's own words
/// in between. A plain object; its owner is <see cref="ChatLoop"/>.
/// </summary>
internal sealed class Transcript(string user, DateTimeOffset openedAt)
{
    /// <summary>Older lines leave; /history brings them back. A screen never shows as many.</summary>
    private const int PostsMax = 2_000, NoticesMax = 100;

    private sealed class Pending(string text, DateTimeOffset time, string key)
    {
        public string Text => text;
        public DateTimeOffset Time => time;
        public string Key => key;
        public Tick Tick { get; set; } = Tick.Queued;
        public string Reason { get; set; } = "";
    }

    private readonly SortedDictionary<ulong, Post> _posts = [];
    private readonly List<Pending> _pending = [];
    private readonly List<(ulong After, ChatMessage Line)> _notices = [];
    private readonly Dictionary<uint, string> _names = [];
    private ulong _epoch, _delivered, _read, _founded;
    private int _keys;

    /// <summary>The last offset seen, and the last that somebody else caused: what there is to mark as read.</summary>
    public ulong Last { get; private set; }

    public ulong LastOfOthers { get; private set; }

    /// <summary>The oldest offset that is shown; 0: none.</summary>
    public ulong Oldest => _posts.FirstOrDefault(p => p.Value.IsShown).Key;

    /// <summary>How far the person had read when the chat was opened; set once.</summary>
    public ulong? ReadAtStart { get; set; }

    /// <summary>The last message of the user's own: what /edit and /delete mean without a number.</summary>
    public ulong LastOwn => LastWhere(p => NameOf(p.Member) == user);

    /// <summary>The last message of anybody's.</summary>
    public ulong LastMessage => LastWhere(p => p.Member != 0);

    public void Apply(ConversationEvent happened)
    {
        // Another epoch: the gateway's history was reset, and what is shown is of the old one.
        if (happened.Epoch != _epoch)
        {
            _posts.Clear();
            (_epoch, _delivered, _read, Last, LastOfOthers) = (happened.Epoch, 0, 0, 0, 0);
        }
        Learn(happened);
        var by = NameOf(happened.Member);
        Last = Math.Max(Last, happened.Offset);
        if (by != user)
            LastOfOthers = Math.Max(LastOfOthers, happened.Offset);
        switch (happened.Content)
        {
            case MessagePost said:
                var post = Show(happened, said.Text, happened.Member);
                post.WrittenAt = said.ComposedAtMs is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
                if (by == user)
                    Arrived(said.Text);
                break;
            case MessageEdit edit:
                At(edit.Offset).Edit(edit.Text, happened.Offset);
                break;
            case MessageReact react:
                At(react.Offset).React(react.Emoji, by, react.On, happened.Offset);
                break;
            case MessageDelete delete:
                At(delete.Offset).IsDeleted = true;
                break;
            case null when happened.Type == MessageTypes.MessageErased:
                Show(happened, "", happened.Member).IsDeleted = true;
                break;
            case ConversationCreated:
                _founded = happened.Offset;
                break;
            case MemberAdded when happened.Offset == _founded + 1:
                // Those who were in it from the first event on: nobody added them.
                _founded = happened.Offset;
                break;
            case MemberAdded added:
                Show(happened, $"{by} added {added.User}");
                break;
            case MemberRemoved removed:
                Show(happened, removed.How == LeftHow.Left ? $"{removed.User} left" : $"{by} removed {removed.User}");
                break;
            case ConversationRename rename:
                Show(happened, $"{by} named it \"{rename.Title}\"");
                break;
        }
        if (_posts.Count > PostsMax)
            _posts.Remove(_posts.First().Key);
    }

    /// <summary>A message was queued. Returns its key.</summary>
    public string Queue(string text, DateTimeOffset now)
    {
        var pending = new Pending(text, now, $"p{++_keys}");
        _pending.Add(pending);
        return pending.Key;
    }

    /// <summary>The gateway has answered.</summary>
    public void Answered(string key, string? refusal)
    {
        if (_pending.Find(p => p.Key == key) is { } pending)
            (pending.Tick, pending.Reason) = refusal is null ? (Tick.Committed, "") : (Tick.Refused, refusal);
    }

    public void Say(string words, DateTimeOffset now)
    {
        _notices.Add((Last, new ChatMessage($"n{++_keys}", 0, "", words, now)));
        if (_notices.Count > NoticesMax)
            _notices.RemoveAt(0);
    }

    /// <summary>Who a member number is, from elsewhere than the events: not all of them need be on this device.</summary>
    public void Learn(uint member, string name) => _names[member] = name;

    /// <summary>What everybody else has received and read; it never goes back.</summary>
    public void SetPeople(IReadOnlyList<Person> people)
    {
        foreach (var person in people)
            _names[person.Member] = person.User;
        var others = people.Where(p => p.User != user).ToList();
        if (others.Count == 0)
            return;
        _delivered = Math.Max(_delivered, others.Min(p => p.Delivered));
        _read = Math.Max(_read, others.Min(p => p.Read));
    }

    /// <summary>Everything, from top to bottom.</summary>
    public List<ChatMessage> Lines()
    {
        var lines = new List<ChatMessage>(_posts.Count + _notices.Count + _pending.Count);
        var notice = 0;
        var isUnreadMarked = false;
        foreach (var (offset, post) in _posts.Where(p => p.Value.IsShown))
        {
            for (; notice < _notices.Count && _notices[notice].After < offset; notice++)
                lines.Add(_notices[notice].Line);
            var sender = NameOf(post.Member);
            var isUnread = !isUnreadMarked && sender != user && sender.Length > 0 && offset > ReadAtStart && post.Time < openedAt;
            isUnreadMarked |= isUnread;
            lines.Add(new ChatMessage(
                $"#{offset}", offset, sender, post.IsDeleted ? "" : post.EditedText ?? post.Text, post.Time, post.WrittenAt,
                sender == user ? TickOf(offset) : Tick.None, post.EditedText is not null, post.IsDeleted, post.Reactions, isUnread));
        }
        lines.AddRange(_notices.Skip(notice).Select(n => n.Line));
        lines.AddRange(_pending.Select(p => new ChatMessage(p.Key, 0, user, p.Text + p.Reason, p.Time, null, p.Tick)));
        return lines;
    }

    private ulong LastWhere(Func<Post, bool> fits) => _posts.LastOrDefault(p => p.Value is { IsShown: true, IsDeleted: false } && fits(p.Value)).Key;

    private Post At(ulong offset)
    {
        if (!_posts.TryGetValue(offset, out var post))
            _posts.Add(offset, post = new Post());
        return post;
    }

    private Post Show(ConversationEvent happened, string text, uint member = 0)
    {
        var post = At(happened.Offset);
        (post.IsShown, post.Member, post.Text, post.Time) = (true, member, text, happened.Time);
        return post;
    }

    // An event does not say which command it came of. What this device sent arrives in the order in which it was sent, so the first that reads
    // the same is the one, or one that looks like it.
    private void Arrived(string text)
    {
        var index = _pending.FindIndex(p => p.Tick != Tick.Refused && p.Text == text);
        if (index >= 0)
            _pending.RemoveAt(index);
    }

    private void Learn(ConversationEvent happened)
    {
        if (happened.Content is ConversationCreated created)
            _names[happened.Member] = created.Creator;
        else if (happened.Content is MemberAdded added)
            _names[added.Member] = added.User;
    }

    private string NameOf(uint member) => member == 0 ? "" : _names.GetValueOrDefault(member, $"member {member}");

    private Tick TickOf(ulong offset) => offset <= _read ? Tick.Read : offset <= _delivered ? Tick.Delivered : Tick.Committed;
}
