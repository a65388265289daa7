using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ZiggyCreatures.Caching.Fusion;

/// <summary>Puts a cache together; see <see cref="FusionCacheBuilderExtMethods"/>.</summary>
public interface IFusionCacheBuilder;

sealed class FusionCacheBuilder : IFusionCacheBuilder
{
    public List<Action<FusionCacheOptions>> Setup { get; } = [];

    public Func<IServiceProvider, IMemoryCache>? MemoryCache { get; set; }

    public bool NeedsLogger { get; set; }

    public IFusionCache Build(IServiceProvider serviceProvider)
    {
        var options = new FusionCacheOptions();
        foreach (var setup in Setup) setup(options);
        var logger = NeedsLogger
            ? serviceProvider.GetRequiredService<ILogger<FusionCache>>()
            : serviceProvider.GetService<ILogger<FusionCache>>() ?? NullLogger<FusionCache>.Instance;
        var clock = serviceProvider.GetService<TimeProvider>() ?? TimeProvider.System;
        return new FusionCache(options, MemoryCache?.Invoke(serviceProvider), logger, clock);
    }
}

/// <summary>What can be said about a cache that is to be built; what is said later counts.</summary>
public static class FusionCacheBuilderExtMethods
{
    /// <summary>Changes the cache's options.</summary>
    public static IFusionCacheBuilder WithOptions(this IFusionCacheBuilder builder, Action<FusionCacheOptions> action)
    {
        ((FusionCacheBuilder)builder).Setup.Add(action);
        return builder;
    }

    /// <summary>Changes the options of calls that name none.</summary>
    public static IFusionCacheBuilder WithDefaultEntryOptions(
        this IFusionCacheBuilder builder, Action<FusionCacheEntryOptions> action)
        => builder.WithOptions(options => action(options.DefaultEntryOptions));

    /// <summary>Logs to the registered <c>ILogger&lt;FusionCache&gt;</c>, which must be there by default.</summary>
    public static IFusionCacheBuilder WithRegisteredLogger(this IFusionCacheBuilder builder, bool throwIfMissing = true)
    {
        ((FusionCacheBuilder)builder).NeedsLogger = throwIfMissing;
        return builder;
    }

    /// <summary>Keeps the entries in a memory cache that stays the caller's, and that may have a size limit.</summary>
    public static IFusionCacheBuilder WithMemoryCache(
        this IFusionCacheBuilder builder, Func<IServiceProvider, IMemoryCache> factory)
    {
        ((FusionCacheBuilder)builder).MemoryCache = factory;
        return builder;
    }
}
