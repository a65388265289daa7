using System.Net;
using FastEndpoints;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Http;

/// <summary>Puts the way of a request together.</summary>
public static class HttpSetup
{
    /// <summary>Where the API's routes begin.</summary>
    public const string ApiRoot = "/api/v1";

    /// <summary>Registers what a request meets on its way, and the slices: endpoints, validators, their data.</summary>
    public static IServiceCollection AddHttp(this IServiceCollection services, Settings settings)
    {
        services.AddExceptionHandler<ExceptionHandler>();
        services.AddProblemDetails();
        services.AddFastEndpoints(o =>
        {
            o.DisableAutoDiscovery = true;
            o.Assemblies = [typeof(HttpSetup).Assembly];
        });
        services.AddSlices();
        services.AddOrigins(settings);
        services.AddSingleton<RateLimits>();
        services.AddSingleton<Cursors>();
        services.AddRouting(o => o.SetParameterPolicy<UuidConstraint>("uuid"));
        services.Configure<ForwardedHeadersOptions>(options => TrustProxies(options, settings.Proxies.Known));
        var connections = OpenFiles.RoomFor(settings.Limits.Connections);
        services.Configure<KestrelServerOptions>(kestrel => Limit(kestrel, connections));
        return services;
    }

    /// <summary>The order matters: each stands on what those before it have done.</summary>
    public static WebApplication UseHttp(this WebApplication app)
    {
        app.UseMiddleware<RequestId>();
        app.UseMiddleware<RequestLog>();
        app.UseForwardedHeaders();
        app.UseMiddleware<ResponseHeaders>();
        app.UseExceptionHandler();
        app.UseStatusCodePages(ErrorResponses.WriteForStatusAsync);
        app.UseMiddleware<HeadAsGet>();
        app.UseRouting();
        app.UseOrigins();
        app.UseMiddleware<TokenGate>();
        app.UseAuthentication();
        app.UseMiddleware<SessionGate>();
        app.UseMiddleware<RequestGate>();
        app.UseAuthorization();
        app.UseMiddleware<BodyGate>();
        app.UseMiddleware<QueryGate>();
        app.UseFastEndpoints(Configure);
        return app;
    }

    // Headers are limited to 100 and 32 KB, bodies must come at 240 bytes a second, by the server's own defaults.
    static void Limit(KestrelServerOptions kestrel, int connections)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BodyGate.MaxBytesLetIn;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.Limits.MaxConcurrentConnections = connections;
    }

    static void Configure(Config c)
    {
        c.Endpoints.RoutePrefix = "api";
        c.Versioning.Prefix = "v";
        c.Versioning.DefaultVersion = 1;
        c.Versioning.PrependToRoute = true;
        c.Endpoints.NameGenerator = context => OperationName(context.EndpointType);
        c.Endpoints.Configurator = endpoint =>
        {
            // BodyGate saw to the content type; an empty body goes on to the validator, which says what is missing.
            if (endpoint.Verbs is ["POST" or "PUT" or "PATCH"])
                endpoint.Description(b => b.Accepts(endpoint.ReqDtoType, "*/*", "application/json"));
        };
        Json.Configure(c.Serializer.Options);
        c.Binding.JsonExceptionTransformer = Json.ToFailure;
        c.Errors.ContentType = "application/json";
        c.Errors.ResponseBuilder = (failures, context, status)
            => ErrorResponses.ForValidation([.. failures], context, status);
        c.Security.RoleClaimType = Claims.Role;
    }

    // SliceApi.Features.Orders.Place.Endpoint -> OrdersPlace
    static string OperationName(Type endpoint)
        => string.Concat(endpoint.Namespace!.Split('.')[^2..]);

    // Without a configured proxy nothing is trusted, not even one on the same machine.
    static void TrustProxies(ForwardedHeadersOptions options, IReadOnlyList<string> known)
    {
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        options.ForwardedHeaders = known.Count == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        foreach (var proxy in known)
        {
            if (IPAddress.TryParse(proxy, out var address))
                options.KnownProxies.Add(address);
            else
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }
    }
}
