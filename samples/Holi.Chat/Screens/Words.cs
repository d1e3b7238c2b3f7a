using System.Globalization;
using Holi.Chat.Rooms;
using Holi.Client;

namespace Holi.Chat.Screens;

/// <summary>What both screens say alike.</summary>
internal static class Words
{
    public static string Mark(Tick tick) => tick switch
    {
        Tick.Queued => "·",
        Tick.Committed => "✓",
        Tick.Delivered or Tick.Read => "✓✓",
        Tick.Refused => "✗",
        _ => "",
    };

    /// <summary>What others wrote is data: nothing in it may move the cursor or colour the terminal.</summary>
    public static string Clean(string text) =>
        string.Create(text.Length, text, static (clean, raw) =>
        {
            for (var i = 0; i < raw.Length; i++)
                clean[i] = char.IsControl(raw[i]) || IsBidirectionalControl(raw[i]) ? ' ' : raw[i];
        });

    /// <summary>The connection, in a few words.</summary>
    public static string Connection(ChatView view, bool countDown)
    {
        var status = view.Status;
        if (view.IsOffline)
            return "offline: /online switches the network on";
        return status.State switch
        {
            ConnectionState.Ready => "connected",
            ConnectionState.Leaving => "the gateway is stopping",
            ConnectionState.Stopped => $"stopped: {status.LastError?.Words ?? "not started"}",
            ConnectionState.Waiting when countDown && status.NextRetryAt is { } at && at > view.Now =>
                $"no gateway, next try in {Math.Ceiling((at - view.Now).TotalSeconds):0} s",
            _ => countDown || status.LastError is null ? "connecting …" : "no gateway, trying again",
        };
    }

    public static string People(IReadOnlyList<Person> others, string? title, DateTimeOffset now)
    {
        var people = string.Join(", ", others.Select(p => p.IsOnline ? $"{p.User} ● online" : $"{p.User} ○ {LastSeen(p, now)}"));
        return title is null ? people : $"{Clean(title)}: {people}";
    }

    public static string Clock(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("HH:mm", CultureInfo.InvariantCulture);

    private static string LastSeen(Person person, DateTimeOffset now) => (now - person.LastSeen) switch
    {
        null => "away",
        { TotalMinutes: < 1 } => "just left",
        { TotalHours: < 1 } ago => $"away for {ago.TotalMinutes:0} min",
        { TotalDays: < 1 } ago => $"away for {ago.TotalHours:0} h",
        { } ago => $"away for {ago.TotalDays:0} d",
    };

    private static bool IsBidirectionalControl(char c) => c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F';
}
