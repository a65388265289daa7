namespace ZiggyCreatures.Caching.Fusion;

/// <summary>How a cache as a whole behaves.</summary>
public class FusionCacheOptions
{
    /// <summary>The cache's name, which its measurements carry. Default: <c>FusionCache</c>.</summary>
    public string CacheName { get; set; } = "FusionCache";

    /// <summary>The options of calls that name none, and those that other calls' changes start from.</summary>
    public FusionCacheEntryOptions DefaultEntryOptions { get; set; } = new();
}

/// <summary>How one entry is made, kept and renewed.</summary>
public sealed record FusionCacheEntryOptions
{
    /// <summary>How long an entry is fresh. Default: 30 seconds.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most that chance adds to the duration, so that not all expire together. Default: zero.</summary>
    public TimeSpan JitterMaxDuration { get; set; } = TimeSpan.Zero;

    /// <summary>Whether an expired entry is kept and served when its factory throws or is slow. Default: no.</summary>
    public bool IsFailSafeEnabled { get; set; }

    /// <summary>With fail-safe, how long an entry is kept in all, at least its duration. Default: one day.</summary>
    public TimeSpan FailSafeMaxDuration { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long fail-safe serves a value before its factory is tried again. Default: 30 seconds.</summary>
    public TimeSpan FailSafeThrottleDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a caller waits for the factory when there is a fail-safe value. Default: infinite.</summary>
    public TimeSpan FactorySoftTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long the caller that runs the factory waits for it when there is nothing to serve. The factory is not
    /// cancelled and keeps the key, so other callers of the key wait for it. Default: infinite.
    /// </summary>
    public TimeSpan FactoryHardTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// The share of the duration, between 0 and 1 exclusive, after which the first caller starts the factory in the
    /// background while all go on with the value there is; anything else is taken as null, never. Default: null.
    /// </summary>
    public float? EagerRefreshThreshold { get; set => field = value is > 0f and < 1f ? value : null; }

    /// <summary>The weight in a memory cache with a limit, in its unit; must be set there. Default: null.</summary>
    public long? Size { get; set; }

    /// <summary>A copy of these options, with the duration given if there is one.</summary>
    public FusionCacheEntryOptions Duplicate(TimeSpan? duration = null)
        => this with { Duration = duration ?? Duration };
}
