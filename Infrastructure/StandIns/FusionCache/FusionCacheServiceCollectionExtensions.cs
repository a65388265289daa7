using ZiggyCreatures.Caching.Fusion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds FusionCache to an application's services.</summary>
public static class FusionCacheServiceCollectionExtensions
{
    /// <summary>Adds a cache, to be set up by what is returned, on the registered clock or the system's.</summary>
    public static IFusionCacheBuilder AddFusionCache(this IServiceCollection services)
    {
        var builder = new FusionCacheBuilder();
        services.AddSingleton<IFusionCache>(builder.Build);
        return builder;
    }
}
