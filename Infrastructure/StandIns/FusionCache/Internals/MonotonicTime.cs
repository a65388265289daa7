using System.Collections.Concurrent;
using Microsoft.Extensions.Primitives;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>Time that only goes forward, however the machine's clock is set; in timestamp units.</summary>
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
    readonly ConcurrentDictionary<long, CancellationTokenSource> _steps = new();
    readonly MonotonicTime _time;
    readonly ITimer _timer;

    public Reaper(MonotonicTime time)
    {
        _time = time;
        _timer = time.Clock.CreateTimer(static state => ((Reaper)state!).Reap(), this, Step, Step);
    }

    /// <summary>A token that changes within a minute after the given time.</summary>
    public CancellationChangeToken TokenFor(long diesAt)
        => new(_steps.GetOrAdd((diesAt / _time.Units(Step)) + 1, static _ => new()).Token);

    public void Dispose() => _timer.Dispose();

    void Reap()
    {
        var step = _time.Now / _time.Units(Step);
        foreach (var due in _steps.Keys.Where(key => key <= step))
            if (_steps.TryRemove(due, out var source)) source.Cancel();
    }
}
