using Holi.Gateway.Connections;
using Holi.Wire;

namespace Holi.Gateway.Notes;

/// <summary>How many notes are being asked for, in all and by each caller, and how many a caller asked for lately. Thread-safe.</summary>
internal sealed class NotesTurns(NotesLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string User), Caller> _callers = [];
    private int _all;

    /// <summary>None where it may be served, and then <see cref="Leave"/> must follow; else why not.</summary>
    public HoliCode Enter((string Tenant, string User) who, TimeSpan now)
    {
        lock (_lock)
        {
            if (!_callers.TryGetValue(who, out var caller))
            {
                if (_callers.Count >= limits.Callers)
                    ForgetQuiet();
                if (_callers.Count >= limits.Callers)
                    return HoliCode.Overloaded;
                _callers[who] = caller = new Caller();
            }
            if (caller.Serving >= limits.RequestsPerCaller || caller.Recent.Add(now, limits.Window) > limits.RequestsPerWindow)
                return HoliCode.RateLimited;
            if (_all >= limits.RequestsMax)
                return HoliCode.Overloaded;
            caller.Serving++;
            _all++;
            return HoliCode.None;
        }
    }

    public void Leave((string Tenant, string User) who)
    {
        lock (_lock)
        {
            _all--;
            _callers[who].Serving--;
        }
    }

    private void ForgetQuiet()
    {
        foreach (var (who, caller) in _callers)
        {
            if (caller.Serving == 0)
                _callers.Remove(who);
        }
    }

    private sealed class Caller
    {
        public FrameMeter Recent;
        public int Serving;
    }
}
