namespace Holi.Gateway.Ops;

/// <summary>The version that this program was built as.</summary>
internal static class GatewayVersion
{
    public static string Text { get; } = typeof(GatewayVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
