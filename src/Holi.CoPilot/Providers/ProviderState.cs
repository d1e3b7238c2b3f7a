namespace Holi.CoPilot.Providers;

/// <summary>What is known of a provider, for its status and for the next call. Thread-safe.</summary>
internal sealed class ProviderState(ProviderOptions options, CoPilotLimits limits)
{
    private readonly Lock _lock = new();
    private readonly CallRate _rate = new(options.CallsPerMinute);
    private TimeSpan _pausedUntil, _checkedAt = TimeSpan.MinValue, _modelAt = TimeSpan.MinValue;
    private string? _model;

    /// <summary>The word for what the last call or check came to; null before the first.</summary>
    public string? Last { get; private set; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>Calls that ended in an answer, and others.</summary>
    public long Answers { get; private set; }

    public long Failures { get; private set; }

    /// <summary>The configured model, or the last one that the provider listed; null while it is not known.</summary>
    public string? Model
    {
        get
        {
            lock (_lock)
                return options.Model ?? _model;
        }
    }

    /// <summary>Zero where a call may be made now, and is counted; else how long until one may.</summary>
    public TimeSpan Take(TimeSpan now)
    {
        lock (_lock)
            return now < _pausedUntil ? _pausedUntil - now : _rate.Take(now);
    }

    /// <summary>Whether it said that it wants to be left alone.</summary>
    public bool IsPaused(TimeSpan now)
    {
        lock (_lock)
            return now < _pausedUntil;
    }

    /// <summary>It wants to be left alone for so long.</summary>
    public void Pause(TimeSpan now, TimeSpan wait)
    {
        lock (_lock)
        {
            var until = now + (wait < limits.CircuitBreakMax ? wait : limits.CircuitBreakMax);
            _pausedUntil = until > _pausedUntil ? until : _pausedUntil;
        }
    }

    /// <summary>True for one of those who look, once in <see cref="CoPilotLimits.HealthInterval"/>: it makes the check.</summary>
    public bool ShouldCheck(TimeSpan now)
    {
        lock (_lock)
        {
            if (_checkedAt != TimeSpan.MinValue && now - _checkedAt < limits.HealthInterval)
                return false;
            _checkedAt = now;
            return true;
        }
    }

    /// <summary>The model that a provider without a configured one listed a short while ago.</summary>
    public string? RecentModel(TimeSpan now)
    {
        lock (_lock)
            return options.Model ?? (_modelAt != TimeSpan.MinValue && now - _modelAt < limits.HealthInterval ? _model : null);
    }

    public void Listed(string model, TimeSpan now)
    {
        lock (_lock)
            (_model, _modelAt) = (model, now);
    }

    public void Note(string outcome, bool? isAnswer, DateTimeOffset now)
    {
        lock (_lock)
        {
            (Last, LastAt) = (outcome, now);
            Answers += isAnswer == true ? 1 : 0;
            Failures += isAnswer == false ? 1 : 0;
        }
    }
}
