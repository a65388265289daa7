using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Adds endpoints to a host.</summary>
public static class MainExtensions
{
    /// <summary>Registers what endpoints need, and says where they are looked for.</summary>
    public static IServiceCollection AddFastEndpoints(
        this IServiceCollection services, Action<EndpointDiscoveryOptions>? options = null)
    {
        var discovery = new EndpointDiscoveryOptions();
        options?.Invoke(discovery);
        services.AddHttpContextAccessor();
        return services.AddSingleton(new EndpointHost(discovery, services));
    }

    /// <summary>Finds the endpoints, their validators and the event handlers, and maps their routes.</summary>
    /// <exception cref="InvalidOperationException">One of them is not usable; the message names it.</exception>
    public static WebApplication UseFastEndpoints(this WebApplication app, Action<Config>? configAction = null)
        => (WebApplication)((IApplicationBuilder)app).UseFastEndpoints(configAction);

    /// <inheritdoc cref="UseFastEndpoints(WebApplication, Action{Config})" />
    public static IApplicationBuilder UseFastEndpoints(
        this IApplicationBuilder app, Action<Config>? configAction = null)
    {
        if (app is not IEndpointRouteBuilder routes) return app.UseEndpoints(r => EndpointMapper.Map(r, configAction));
        EndpointMapper.Map(routes, configAction);
        return app;
    }
}
