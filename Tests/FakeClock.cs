namespace Tests;

/// <summary>
/// A clock that stands still until a test moves it; timers fire on the test's thread while it moves. The wall clock
/// and the monotonic one can be moved apart, as when someone sets the machine's clock.
/// </summary>
sealed class FakeClock : TimeProvider
{
    readonly Lock _lock = new();
    readonly List<Timer> _timers = [];
    DateTimeOffset _utcNow = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    long _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _utcNow;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>How many timers somebody waits for.</summary>
    public int Timers
    {
        get
        {
            lock (_lock) return _timers.Count(timer => timer.DueAt != long.MaxValue);
        }
    }

    /// <summary>Lets time pass, for both clocks.</summary>
    public void Advance(TimeSpan by)
    {
        Timer[] due;
        lock (_lock)
        {
            _utcNow += by;
            Interlocked.Add(ref _elapsed, by.Ticks);
            due = [.. _timers.Where(timer => timer.IsDue(_elapsed)).OrderBy(timer => timer.DueAt)];
        }
        foreach (var timer in due) timer.Fire();
    }

    /// <summary>Sets the wall clock forward or back while no time passes.</summary>
    public void SetWallClock(TimeSpan by)
    {
        lock (_lock) _utcNow += by;
    }

    sealed class Timer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan _period;

        public long DueAt { get; private set; } = long.MaxValue;

        public bool IsDue(long now) => DueAt <= now;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                _period = period;
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : clock._elapsed + dueTime.Ticks;
                if (!clock._timers.Contains(this)) clock._timers.Add(this);
            }
            return true;
        }

        public void Fire()
        {
            lock (clock._lock)
                DueAt = _period > TimeSpan.Zero ? clock._elapsed + _period.Ticks : long.MaxValue;
            callback(state);
        }

        public void Dispose()
        {
            lock (clock._lock) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
