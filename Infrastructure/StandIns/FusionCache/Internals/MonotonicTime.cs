using Microsoft.Extensions.Primitives;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>
/// Time that only goes forward, in the clock's timestamp units: setting the machine's clock makes no entry expire and
/// none come back.
/// </summary>
sealed class MonotonicTime(TimeProvider clock)
{
    readonly double _unitsPerTick = clock.TimestampFrequency / (double)TimeSpan.TicksPerSecond;

    public TimeProvider Clock => clock;

    public long Now => clock.GetTimestamp();

    /// <summary>The units of a time span; one too long to be told is as long as can be.</summary>
    public long Units(TimeSpan span) => (long)Math.Clamp(span.Ticks * _unitsPerTick, 0, long.MaxValue / 4);
}

/// <summary>
/// Tells the memory cache when entries are dead. Its own expiration goes by the machine's clock: set forward, that
/// would empty it. So entries expire there by tokens, one for all that die in the same minute.
/// </summary>
sealed class Reaper : IDisposable
{
    static readonly TimeSpan Step = TimeSpan.FromMinutes(1);
    readonly Dictionary<long, CancellationTokenSource> _steps = [];
    readonly MonotonicTime _time;
    readonly ITimer _timer;

    public Reaper(MonotonicTime time)
    {
        _time = time;
        _timer = time.Clock.CreateTimer(static state => ((Reaper)state!).Reap(), this, Step, Step);
    }

    /// <summary>A token that changes within a minute after the given time.</summary>
    public CancellationChangeToken TokenFor(long diesAt)
    {
        var step = (diesAt / _time.Units(Step)) + 1;
        lock (_steps)
        {
            if (!_steps.TryGetValue(step, out var source)) _steps.Add(step, source = new CancellationTokenSource());
            return new CancellationChangeToken(source.Token);
        }
    }

    public void Dispose() => _timer.Dispose();

    void Reap()
    {
        var step = _time.Now / _time.Units(Step);
        KeyValuePair<long, CancellationTokenSource>[] due;
        lock (_steps)
        {
            due = [.. _steps.Where(pair => pair.Key <= step)];
            foreach (var pair in due) _steps.Remove(pair.Key);
        }
        foreach (var pair in due) pair.Value.Cancel();
    }
}
