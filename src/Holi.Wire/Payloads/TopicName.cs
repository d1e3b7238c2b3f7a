using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>What a topic's name begins with (holi.v1.md §8).</summary>
public enum TopicKind : byte
{
    /// <summary><c>conversation/&lt;id&gt;</c>.</summary>
    Conversation,
    /// <summary><c>user/&lt;user&gt;</c>: a person's own topic.</summary>
    User,
    /// <summary><c>alert/&lt;user&gt;</c>: a person's urgent notifications.</summary>
    Alert,
    /// <summary><c>patient/&lt;id&gt;</c>.</summary>
    Patient,
    /// <summary><c>copilot/&lt;id&gt;</c>.</summary>
    CoPilot,
}

/// <summary>Names of topics, users and devices (holi.v1.md §8 and §6.1). All are ASCII, so characters and bytes count alike.</summary>
public static class TopicName
{
    private const string IdChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    private static readonly SearchValues<char> InIds = SearchValues.Create(IdChars);
    private static readonly SearchValues<char> InUsers = SearchValues.Create(IdChars + ".@");

    /// <summary>The topic of a conversation.</summary>
    /// <exception cref="ArgumentException"><paramref name="id"/> is not an id.</exception>
    public static string Conversation(string id) => Of(TopicKind.Conversation, id);

    /// <summary>A person's own topic.</summary>
    /// <exception cref="ArgumentException"><paramref name="user"/> is not a user.</exception>
    public static string User(string user) => Of(TopicKind.User, user);

    /// <summary>The topic of a person's urgent notifications.</summary>
    /// <exception cref="ArgumentException"><paramref name="user"/> is not a user.</exception>
    public static string Alert(string user) => Of(TopicKind.Alert, user);

    /// <summary>The topic of a patient's records.</summary>
    /// <exception cref="ArgumentException"><paramref name="id"/> is not an id.</exception>
    public static string Patient(string id) => Of(TopicKind.Patient, id);

    /// <summary>The topic of a consultation's transcript and notes.</summary>
    /// <exception cref="ArgumentException"><paramref name="id"/> is not an id.</exception>
    public static string CoPilot(string id) => Of(TopicKind.CoPilot, id);

    /// <summary>Takes a name apart. False where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out TopicKind kind, out string id)
    {
        id = "";
        if (!TryParse(name.AsSpan(), out kind, out var start))
            return false;
        id = name![start..];
        return true;
    }

    /// <summary>True where <paramref name="name"/> is a topic's name. Allocates nothing.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) => TryParse(name, out _, out _);

    /// <summary>True for 1–64 of <c>[A-Za-z0-9._@-]</c>.</summary>
    public static bool IsUser(ReadOnlySpan<char> user) => IsMadeOf(user, InUsers);

    /// <summary>True for 1–64 of <c>[A-Za-z0-9_-]</c>: an id of a conversation, patient or recording.</summary>
    public static bool IsId(ReadOnlySpan<char> id) => IsMadeOf(id, InIds);

    /// <summary>True for 1–64 of <c>[A-Za-z0-9_-]</c>: what a device calls itself.</summary>
    public static bool IsDevice(ReadOnlySpan<char> device) => IsMadeOf(device, InIds);

    private static bool TryParse(ReadOnlySpan<char> name, out TopicKind kind, out int idStart)
    {
        idStart = name.IndexOf('/') + 1;
        if (!TryParseKind(name[..idStart], out kind))
            return false;
        var id = name[idStart..];
        return NamesUser(kind) ? IsUser(id) : IsId(id);
    }

    private static bool TryParseKind(ReadOnlySpan<char> prefix, out TopicKind kind)
    {
        (kind, var known) = prefix switch
        {
            "conversation/" => (TopicKind.Conversation, true),
            "user/" => (TopicKind.User, true),
            "alert/" => (TopicKind.Alert, true),
            "patient/" => (TopicKind.Patient, true),
            "copilot/" => (TopicKind.CoPilot, true),
            _ => (default, false),
        };
        return known;
    }

    private static string Of(TopicKind kind, string id)
    {
        if (!(NamesUser(kind) ? IsUser(id) : IsId(id)))
            throw new ArgumentException("Not 1–64 of the characters that a topic's name allows.", nameof(id));
        return kind switch
        {
            TopicKind.Conversation => "conversation/" + id,
            TopicKind.User => "user/" + id,
            TopicKind.Alert => "alert/" + id,
            TopicKind.Patient => "patient/" + id,
            _ => "copilot/" + id,
        };
    }

    private static bool NamesUser(TopicKind kind) => kind is TopicKind.User or TopicKind.Alert;

    private static bool IsMadeOf(ReadOnlySpan<char> text, SearchValues<char> allowed) =>
        text.Length is >= 1 and <= WireLimits.IdCharsMax && !text.ContainsAnyExcept(allowed);
}
