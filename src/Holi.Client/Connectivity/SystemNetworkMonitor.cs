using System.Net.NetworkInformation;

namespace Holi.Client;

/// <summary>What the operating system tells .NET about the network. Thread-safe.</summary>
public sealed class SystemNetworkMonitor : INetworkMonitor, IDisposable
{
    /// <summary>Begins to listen.</summary>
    public SystemNetworkMonitor()
    {
        NetworkChange.NetworkAvailabilityChanged += OnAvailability;
        NetworkChange.NetworkAddressChanged += OnAddress;
    }

    /// <inheritdoc/>
    public event Action<bool>? Changed;

    /// <summary>Ends listening.</summary>
    public void Dispose()
    {
        NetworkChange.NetworkAvailabilityChanged -= OnAvailability;
        NetworkChange.NetworkAddressChanged -= OnAddress;
    }

    private void OnAvailability(object? sender, NetworkAvailabilityEventArgs change) => Changed?.Invoke(change.IsAvailable);

    private void OnAddress(object? sender, EventArgs change) => Changed?.Invoke(NetworkInterface.GetIsNetworkAvailable());
}
