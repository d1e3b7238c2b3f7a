namespace Holi.Peers.Devices;

/// <summary>
/// Where a device sits: one room, in which all hear what one says. In a room of two only the other hears it, where the peer can do that; in a larger
/// one the speaker does, too, as in a chat.
/// </summary>
/// <param name="Port">The server's port for this device.</param>
/// <param name="Room">The room's name, unique over all measures.</param>
/// <param name="Member">Its place in the room, from 0.</param>
/// <param name="Members">How many the room has.</param>
internal sealed record Seat(int Port, string Room, int Member, int Members)
{
    /// <summary>Its user's name, unique over all rooms.</summary>
    public string User => $"{Room}-{Member}";

    /// <summary>The speaker hears himself.</summary>
    public bool HearsItself => Members > 2;

    /// <summary>It wants to be told of each text that the server has taken, where the peer says so only when it is asked.</summary>
    public bool WantsAcknowledgements { get; init; }

    /// <summary>The user's token, where the peer asks for one.</summary>
    public string Token { get; init; } = "";
}

/// <summary>A text arrived; its bytes live as long as the call. Called on the device's receive loop, so it must be quick.</summary>
internal delegate void TextHeard(Device device, ReadOnlySpan<byte> text);
