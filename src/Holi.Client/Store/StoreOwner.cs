namespace Holi.Client;

/// <summary>Whose store it is. Two owners never share a file, nor does one's key material open the other's.</summary>
public readonly record struct StoreOwner(string Tenant, string User);
