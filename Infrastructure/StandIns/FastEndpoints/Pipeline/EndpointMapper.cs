using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Turns definitions into routes of ASP.NET Core.</summary>
static class EndpointMapper
{
    internal static void Map(IEndpointRouteBuilder builder, Action<Config>? configure)
    {
        var host = builder.ServiceProvider.GetService<EndpointHost>()
            ?? throw new InvalidOperationException("Call AddFastEndpoints() first.");
        host.Start(builder.ServiceProvider, configure);
        var taken = new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase);
        foreach (var definition in host.Definitions)
        {
            var version = definition.Version.Current;
            definition.Patterns = [.. definition.Routes.Select(route => Pattern(host.Config, version, route))];
            var runner = EndpointRunner.Create(definition);
            for (var number = 0; number < definition.Patterns.Length; number++)
            {
                foreach (var verb in definition.Verbs)
                {
                    var route = $"{verb} {Shape(definition.Patterns[number])}";
                    var type = definition.EndpointType;
                    if (!taken.TryAdd(route, type))
                        throw new InvalidOperationException($"{taken[route]} and {type} both answer {route}.");
                    Map(builder, definition, runner, verb, number);
                }
            }
        }
    }

    static void Map(
        IEndpointRouteBuilder builder, EndpointDefinition definition, EndpointRunner runner, string verb, int number)
    {
        var pattern = definition.Patterns[number].RawText!;
        var route = new RouteHandlerBuilder([builder.MapMethods(pattern, [verb], runner.RunAsync)]);
        route.WithMetadata(definition).WithName(definition.Host.NameOf(definition, verb, number));
        var isOpen = definition.AnonymousVerbs?.Contains(verb) == true;
        var takesBody = runner.NeedsBody && verb is "POST" or "PUT" or "PATCH";
        if (!definition.ClearDefaults) Describe(route, definition, takesBody, isOpen);
        if (isOpen) route.AllowAnonymous();
        else Authorize(route, definition);
        foreach (var configure in definition.RouteConfigurations) configure(route);
        // Last: what the route accepts is settled now.
        route.Finally(runner.ReadMetadata);
    }

    static void Describe(RouteHandlerBuilder route, EndpointDefinition definition, bool takesBody, bool isOpen)
    {
        var errors = definition.Host.Config.Errors;
        if (takesBody) route.Accepts(definition.ReqDtoType, "application/json");
        if (definition.ResDtoType == typeof(object)) Produces(204);
        else Produces(200, definition.ResDtoType, "application/json");
        if (errors.ProducesMetadataType is { } type && definition.ReqDtoType != typeof(EmptyRequest))
            Produces(errors.StatusCode, type, errors.ContentType);
        if (isOpen) return;
        Produces(401);
        if ((definition.AllowedRoles ?? definition.PreBuiltUserPolicies ?? definition.AllowedClaimTypes) is not null)
            Produces(403);

        void Produces(int status, Type? body = null, params string[] contentTypes)
            => route.WithMetadata(new ProducesResponseTypeMetadata(status, body, contentTypes));
    }

    static void Authorize(RouteHandlerBuilder route, EndpointDefinition definition)
    {
        var policy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser();
        var roleClaim = definition.Host.Config.Security.RoleClaimType;
        if (definition.AllowedRoles?.ToArray() is { } roles)
            policy.RequireAssertion(c => Array.Exists(roles, r => c.User.HasClaim(roleClaim, r) || c.User.IsInRole(r)));
        if (definition.AllowedClaimTypes?.ToArray() is { } types)
            policy.RequireAssertion(c => c.User.HasClaim(claim => types.Contains(claim.Type)));
        route.RequireAuthorization(policy.Build());
        if (definition.PreBuiltUserPolicies?.ToArray() is { } policies) route.RequireAuthorization(policies);
    }

    static RoutePattern Pattern(Config config, int version, string route)
    {
        if (version == 0) version = config.Versioning.DefaultVersion;
        var text = version == 0 ? "" : $"{config.Versioning.Prefix ?? "v"}{version}";
        return RoutePatternFactory.Parse(config.Versioning.PrependToRoute == true
            ? Join(config.Endpoints.RoutePrefix, text, route)
            : Join(config.Endpoints.RoutePrefix, route, text));
    }

    internal static string Join(params string?[] parts)
        => "/" + string.Join('/', parts.Select(part => part?.Trim('/')).Where(part => !string.IsNullOrEmpty(part)));

    /// <summary>The route without the names of its parameters, which tell no two routes apart.</summary>
    static string Shape(RoutePattern route)
        => "/" + string.Join('/', route.PathSegments.Select(segment => string.Concat(segment.Parts.Select(Shape))));

    static string Shape(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { IsCatchAll: true } => "{*}",
        RoutePatternParameterPart p => $"{{{string.Join(':', p.ParameterPolicies.Select(policy => policy.Content))}}}",
        _ => "",
    };
}
