namespace ZiggyCreatures.Caching.Fusion;

/// <summary>How one entry is made, kept and renewed.</summary>
public sealed class FusionCacheEntryOptions
{
    /// <summary>How long an entry is fresh. Default: 30 seconds.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// At most this much, chosen at random for each entry, is added to <see cref="Duration"/>, so that entries made
    /// together do not expire together. Default: zero.
    /// </summary>
    public TimeSpan JitterMaxDuration { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Whether an entry is kept after it expired, and is served again when its factory throws or takes longer than
    /// <see cref="FactorySoftTimeout"/>. Default: <see langword="false"/>.
    /// </summary>
    public bool IsFailSafeEnabled { get; set; }

    /// <summary>
    /// With fail-safe, how long after it was made an entry is kept in all; never less than <see cref="Duration"/>.
    /// Default: one day.
    /// </summary>
    public TimeSpan FailSafeMaxDuration { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// With fail-safe, for how long an expired value is served before its factory is tried again. Default: 30 seconds.
    /// </summary>
    public TimeSpan FailSafeThrottleDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a caller waits for the factory when fail-safe is on and there is an expired value to serve instead.
    /// Default: <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan FactorySoftTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long the caller that runs the factory waits for it when there is nothing to serve instead; then it gets a
    /// <see cref="SyntheticTimeoutException"/>. The factory is not cancelled and keeps the key, so other callers of
    /// the key wait for it. Default: <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan FactoryHardTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// The share of <see cref="Duration"/>, between 0 and 1 exclusive, after which the first caller starts the factory
    /// in the background while all go on with the value there is; anything else is taken as <see langword="null"/>.
    /// Default: <see langword="null"/>, no eager refresh.
    /// </summary>
    public float? EagerRefreshThreshold { get; set => field = value is > 0f and < 1f ? value : null; }

    /// <summary>
    /// What the entry weighs against the memory cache's size limit, in the limit's unit; must be set when there is a
    /// limit. Default: <see langword="null"/>.
    /// </summary>
    public long? Size { get; set; }

    /// <summary>A copy of these options, with the duration given if there is one.</summary>
    public FusionCacheEntryOptions Duplicate(TimeSpan? duration = null)
    {
        var copy = (FusionCacheEntryOptions)MemberwiseClone();
        copy.Duration = duration ?? Duration;
        return copy;
    }
}
