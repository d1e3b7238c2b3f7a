using Holi.Wire;

namespace Holi.Gateway.Ingress.Http;

/// <summary>How many requests to publish are being served, in all and for each backend. Thread-safe.</summary>
internal sealed class PublishTurns(GatewayLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string Backend), int> _serving = [];
    private int _all;

    /// <summary>None where it may be served, and then <see cref="Leave"/> must follow; else why not.</summary>
    public HoliCode Enter((string Tenant, string Backend) who)
    {
        lock (_lock)
        {
            var own = _serving.GetValueOrDefault(who);
            if (own >= limits.PublicationRequestsPerBackend)
                return HoliCode.RateLimited;
            if (_all >= limits.PublicationRequestsMax)
                return HoliCode.Overloaded;
            _serving[who] = own + 1;
            _all++;
            return HoliCode.None;
        }
    }

    public void Leave((string Tenant, string Backend) who)
    {
        lock (_lock)
        {
            _all--;
            if (--_serving[who] == 0)
                _serving.Remove(who);
        }
    }
}
