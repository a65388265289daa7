using ZiggyCreatures.Caching.Fusion.Internals;

namespace ZiggyCreatures.Caching.Fusion;

/// <summary>Shorter calls: with a duration or a lambda, to change a copy of the defaults; without a context.</summary>
public static class FusionCacheExtMethods
{
    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, with options.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key,
        Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> factory,
        FusionCacheEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken token = default)
        => GetOrSetAsync<TValue>(cache, key, factory, default, new OptionsSource(options), tags, token);

    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, with a duration.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key,
        Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> factory,
        TimeSpan duration, IEnumerable<string>? tags = null, CancellationToken token = default)
        => GetOrSetAsync<TValue>(cache, key, factory, default, new OptionsSource(Duration: duration), tags, token);

    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, with a lambda, called only when a value is made.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key,
        Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> factory,
        Action<FusionCacheEntryOptions> setupAction, IEnumerable<string>? tags = null,
        CancellationToken token = default)
        => GetOrSetAsync<TValue>(cache, key, factory, default, new OptionsSource(Setup: setupAction), tags, token);

    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, without a context.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key, Func<CancellationToken, Task<TValue>> factory,
        MaybeValue<TValue> failSafeDefaultValue = default, FusionCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null, CancellationToken token = default)
        => GetOrSetAsync(cache, key, factory, failSafeDefaultValue, new OptionsSource(options), tags, token);

    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, without a context, with options.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key, Func<CancellationToken, Task<TValue>> factory,
        FusionCacheEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken token = default)
        => GetOrSetAsync<TValue>(cache, key, factory, default, new OptionsSource(options), tags, token);

    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, without a context, with a duration.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key, Func<CancellationToken, Task<TValue>> factory,
        TimeSpan duration, IEnumerable<string>? tags = null, CancellationToken token = default)
        => GetOrSetAsync<TValue>(cache, key, factory, default, new OptionsSource(Duration: duration), tags, token);

    /// <summary>As <see cref="IFusionCache.GetOrSetAsync"/>, without a context, with a lambda.</summary>
    public static ValueTask<TValue> GetOrSetAsync<TValue>(
        this IFusionCache cache, string key, Func<CancellationToken, Task<TValue>> factory,
        Action<FusionCacheEntryOptions> setupAction, IEnumerable<string>? tags = null,
        CancellationToken token = default)
        => GetOrSetAsync<TValue>(cache, key, factory, default, new OptionsSource(Setup: setupAction), tags, token);

    /// <summary>As <see cref="IFusionCache.SetAsync"/>, with a duration.</summary>
    public static ValueTask SetAsync<TValue>(
        this IFusionCache cache, string key, TValue value, TimeSpan duration, IEnumerable<string>? tags = null,
        CancellationToken token = default)
        => cache.SetAsync(key, value, new OptionsSource(Duration: duration).ResolveFor(cache), tags, token);

    /// <summary>As <see cref="IFusionCache.SetAsync"/>, with a lambda.</summary>
    public static ValueTask SetAsync<TValue>(
        this IFusionCache cache, string key, TValue value, Action<FusionCacheEntryOptions> setupAction,
        IEnumerable<string>? tags = null, CancellationToken token = default)
        => cache.SetAsync(key, value, new OptionsSource(Setup: setupAction).ResolveFor(cache), tags, token);

    // This cache makes neither the options nor a delegate with a context before it knows that it needs them.
    static ValueTask<TValue> GetOrSetAsync<TValue>(
        IFusionCache cache, string key, Delegate factory, MaybeValue<TValue> failSafeDefaultValue,
        OptionsSource options, IEnumerable<string>? tags, CancellationToken token)
        => cache is FusionCache own
            ? own.GetOrSetAsync(key, factory, failSafeDefaultValue, options, tags, token)
            : cache.GetOrSetAsync(
                key, Load<TValue>.WithContext(factory), failSafeDefaultValue, options.ResolveFor(cache), tags, token);
}
