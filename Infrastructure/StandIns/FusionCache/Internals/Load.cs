using System.Runtime.ExceptionServices;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>What a call said about its options, kept until they are needed: a fresh value needs none.</summary>
readonly record struct OptionsSource(
    FusionCacheEntryOptions? Options = null, Action<FusionCacheEntryOptions>? Setup = null, TimeSpan? Duration = null)
{
    public FusionCacheEntryOptions ResolveFor(IFusionCache cache)
    {
        if (Options is not null) return Options;
        if (Setup is null && Duration is null) return cache.DefaultEntryOptions;
        var options = cache.DefaultEntryOptions.Duplicate(Duration);
        Setup?.Invoke(options);
        return options;
    }
}

/// <summary>
/// One cached value, replaced rather than changed: fresh until ExpiresAt, eagerly refreshed from RefreshesAt on, served
/// by fail-safe until DiesAt. Born is the number of the last invalidation before its factory began.
/// </summary>
sealed record Entry(
    object? Value, long Born, TagMark[] Marks, long ExpiresAt, long RefreshesAt, long DiesAt, bool IsFailSafe,
    long? Size, string? ETag, DateTimeOffset? LastModified)
{
    int _isRefreshClaimed;

    /// <summary>Whether the caller is the one that is to refresh it.</summary>
    public bool ClaimRefresh() => Interlocked.Exchange(ref _isRefreshClaimed, 1) == 0;
}

/// <summary>How a factory ended: with a value or with an exception.</summary>
readonly record struct Outcome<TValue>(TValue Value, ExceptionDispatchInfo? Error = null)
{
    public TValue ValueOrThrow()
    {
        Error?.Throw();
        return Value;
    }
}

/// <summary>One run of a factory. Its end and its timeout lock it, so that no stale value covers its own.</summary>
sealed record Load<TValue>(
    string Key, Delegate Factory, MaybeValue<TValue> FailSafeDefaultValue, FusionCacheEntryOptions Options,
    IEnumerable<string>? Tags)
{
    /// <summary>The number of the last invalidation before the factory began.</summary>
    public long Born { get; set; }

    /// <summary>What fail-safe has kept.</summary>
    public Entry? Stale { get; set; }

    public bool HasFallback => Options.IsFailSafeEnabled && (Stale is not null || FailSafeDefaultValue.HasValue);

    /// <summary>Whether no caller waits for the factory: an eager refresh started it, or it took too long.</summary>
    public bool IsInBackground { get; set; }

    public FusionCacheFactoryExecutionContext<TValue> CreateContext() => new(Options)
    {
        Tags = Tags?.ToArray(),
        StaleValue = Stale is null ? default : MaybeValue<TValue>.FromValue((TValue)Stale.Value!),
        ETag = Stale?.ETag,
        LastModified = Stale?.LastModified,
    };

    public static Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> WithContext(
        Delegate factory) => factory is Func<CancellationToken, Task<TValue>> withoutContext
            ? (_, token) => withoutContext(token)
            : (Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>>)factory;
}
