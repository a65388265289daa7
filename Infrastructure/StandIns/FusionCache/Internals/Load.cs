using System.Runtime.ExceptionServices;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>What a call said about its options, kept until they are needed: a fresh value needs none.</summary>
readonly record struct OptionsSource(
    FusionCacheEntryOptions? Options = null, Action<FusionCacheEntryOptions>? Setup = null, TimeSpan? Duration = null)
{
    public FusionCacheEntryOptions ResolveFor(IFusionCache cache) => Options
        ?? (Setup is null && Duration is null ? cache.DefaultEntryOptions : cache.CreateEntryOptions(Setup, Duration));
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

/// <summary>
/// One run of a factory. Locked while its end or its timeout is dealt with, so that a value is never covered by the
/// stale one.
/// </summary>
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

    public Task<TValue> RunAsync(FusionCacheFactoryExecutionContext<TValue> context, CancellationToken token)
        => WithContext(Factory)(context, token);

    public static Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> WithContext(
        Delegate factory) => factory is Func<CancellationToken, Task<TValue>> withoutContext
            ? (_, token) => withoutContext(token)
            : (Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>>)factory;
}
