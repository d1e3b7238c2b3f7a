namespace Holi.Client;

/// <summary>Says when the network comes, goes or changes. Phones have their own; <see cref="SystemNetworkMonitor"/> is for desktops and servers.</summary>
public interface INetworkMonitor
{
    /// <summary>Raised with true when there is a network again or another one, with false when there is none. On any thread.</summary>
    event Action<bool>? Changed;
}
