using Holi.Chat.Rooms;
using Holi.Client;

namespace Holi.Chat;

/// <summary>All that a screen shows, as of one moment.</summary>
internal sealed record ChatView(
    string User, string? Title, Uri Gateway, ClientStatus Status, bool IsOffline, IReadOnlyList<Person> Others, IReadOnlyList<ChatMessage> Lines,
    string Draft, DateTimeOffset Now);
