using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Infrastructure.Caching;

/// <summary>Registers the cache.</summary>
public static class CacheSetup
{
    /// <summary>How long something that was found is kept; what changes is dropped by its tag before that.</summary>
    public static readonly TimeSpan FoundDuration = TimeSpan.FromHours(1);

    /// <summary>How long it is remembered that something was not there.</summary>
    public static readonly TimeSpan AbsentDuration = TimeSpan.FromSeconds(60);

    // Entries of one unit each; the least recently used go first.
    const int MaxEntries = 100_000;

    /// <summary>
    /// One cache in memory. A broken database is answered with the last known value for a while (fail-safe).
    /// </summary>
    public static IServiceCollection AddCaching(this IServiceCollection services)
    {
        services.AddFusionCache()
            .WithRegisteredLogger()
            .WithMemoryCache(_ => new MemoryCache(new MemoryCacheOptions { SizeLimit = MaxEntries }))
            .WithDefaultEntryOptions(options =>
            {
                options.Duration = FoundDuration;
                options.Size = 1;
                options.IsFailSafeEnabled = true;
                options.FailSafeMaxDuration = TimeSpan.FromHours(2);
                options.FailSafeThrottleDuration = TimeSpan.FromSeconds(5);
                // And no soft time-out, which would answer a slow read with what was dropped by its tag a moment ago.
                options.FactoryHardTimeout = TimeSpan.FromSeconds(10);
            });
        return services;
    }
}
