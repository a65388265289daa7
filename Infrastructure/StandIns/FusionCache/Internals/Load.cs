using System.Runtime.ExceptionServices;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>What a call said about its options, kept until they are needed: a fresh value needs none.</summary>
readonly struct OptionsSource
{
    readonly FusionCacheEntryOptions? _options;
    readonly Action<FusionCacheEntryOptions>? _setup;
    readonly TimeSpan? _duration;

    public OptionsSource(FusionCacheEntryOptions? options) => _options = options;

    public OptionsSource(Action<FusionCacheEntryOptions> setup) => _setup = setup;

    public OptionsSource(TimeSpan duration) => _duration = duration;

    public FusionCacheEntryOptions ResolveFor(IFusionCache cache) => _options
        ?? (_setup is null && _duration is null ? cache.DefaultEntryOptions : cache.CreateEntryOptions(_setup, _duration));
}

/// <summary>How a factory ended: with a value or with an exception.</summary>
readonly record struct Outcome<TValue>(TValue Value, ExceptionDispatchInfo? Error = null)
{
    public static Outcome<TValue> Of(Exception error) => new(default!, ExceptionDispatchInfo.Capture(error));

    public TValue ValueOrThrow()
    {
        Error?.Throw();
        return Value;
    }
}

/// <summary>One run of a factory, and what is to be done with its end. Locked while that is decided.</summary>
sealed class Load<TValue>(
    string key, Delegate factory, MaybeValue<TValue> failSafeDefaultValue, FusionCacheEntryOptions options,
    IEnumerable<string>? tags)
{
    public string Key => key;

    public MaybeValue<TValue> FailSafeDefaultValue => failSafeDefaultValue;

    public FusionCacheEntryOptions Options => options;

    /// <summary>The number of the last invalidation before the factory began.</summary>
    public long Born { get; set; }

    /// <summary>What fail-safe has kept.</summary>
    public Entry? Stale { get; set; }

    public bool HasFallback => options.IsFailSafeEnabled && (Stale is not null || failSafeDefaultValue.HasValue);

    /// <summary>Whether no caller waits for the factory: it was started by an eager refresh, or it took too long.</summary>
    public bool IsInBackground { get; set; }

    /// <summary>How it ended, once it has and what was to be stored is stored.</summary>
    public Outcome<TValue>? Outcome { get; set; }

    public FusionCacheFactoryExecutionContext<TValue> CreateContext() => new(
        options, tags?.ToArray(), Stale is null ? default : MaybeValue<TValue>.FromValue((TValue)Stale.Value!),
        Stale?.ETag, Stale?.LastModified);

    public Task<TValue> RunAsync(FusionCacheFactoryExecutionContext<TValue> context, CancellationToken token)
        => factory is Func<CancellationToken, Task<TValue>> withoutContext
            ? withoutContext(token)
            : WithContext(factory)(context, token);

    public static Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> WithContext(
        Delegate factory) => factory is Func<CancellationToken, Task<TValue>> withoutContext
            ? (_, token) => withoutContext(token)
            : (Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>>)factory;
}
