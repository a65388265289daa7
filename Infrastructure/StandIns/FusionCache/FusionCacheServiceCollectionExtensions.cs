using ZiggyCreatures.Caching.Fusion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds FusionCache to an application's services.</summary>
public static class FusionCacheServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="IFusionCache"/>, to be set up by what is returned. Its time is that of the registered
    /// <see cref="TimeProvider"/>, or the system's.
    /// </summary>
    public static IFusionCacheBuilder AddFusionCache(this IServiceCollection services)
    {
        var builder = new FusionCacheBuilder();
        services.AddSingleton<IFusionCache>(builder.Build);
        return builder;
    }
}
