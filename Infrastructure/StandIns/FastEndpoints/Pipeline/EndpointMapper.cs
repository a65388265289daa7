using System.Reflection;
using System.Text;
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
    // The API explorer describes only routes with a method; parameters and answers come from the definition.
    static readonly MethodInfo Described = typeof(EndpointMapper)
        .GetMethod(nameof(Handle), BindingFlags.Static | BindingFlags.NonPublic)!;

    static Task Handle(HttpContext _) => Task.CompletedTask;

    internal static void Map(IEndpointRouteBuilder builder, Action<Config>? configure)
    {
        var host = builder.ServiceProvider.GetService<EndpointHost>()
            ?? throw new InvalidOperationException("Call AddFastEndpoints() first.");
        host.Start(builder.ServiceProvider, configure);

        var taken = new Dictionary<string, EndpointDefinition>(StringComparer.OrdinalIgnoreCase);
        foreach (var definition in host.Definitions)
        {
            var routes = definition.Routes.Select(route => Route(host.Config, definition.Version, route)).ToArray();
            definition.Patterns = routes;
            var runner = EndpointRunner.Create(definition, [.. routes.SelectMany(r => r.Parameters).Select(p => p.Name)]);
            for (var number = 0; number < routes.Length; number++)
            {
                foreach (var verb in definition.Verbs)
                {
                    var key = $"{verb} {Shape(routes[number])}";
                    if (!taken.TryAdd(key, definition))
                    {
                        throw new InvalidOperationException(
                            $"{taken[key].EndpointType.FullName} and {definition.EndpointType.FullName} both answer {verb} {routes[number].RawText}.");
                    }

                    Map(builder, definition, runner, routes[number].RawText!, verb, number);
                }
            }
        }
    }

    static void Map(
        IEndpointRouteBuilder builder, EndpointDefinition definition, EndpointRunner runner, string route, string verb, int number)
    {
        var mapped = new RouteHandlerBuilder([builder.MapMethods(route, [verb], runner.RunAsync)]);
        mapped.WithMetadata(definition, Described).WithName(definition.Host.NameOf(definition, verb, number));
        if (!definition.ClearDefaults) Describe(mapped, definition, runner, verb);
        Authorize(mapped, definition, verb);
        foreach (var configure in definition.RouteConfigurations) configure(mapped);
        // Last: what the route accepts is settled now.
        mapped.Finally(runner.ReadMetadata);
    }

    static void Describe(RouteHandlerBuilder mapped, EndpointDefinition definition, EndpointRunner runner, string verb)
    {
        if (runner.NeedsBody && verb is "POST" or "PUT" or "PATCH") mapped.Accepts(definition.ReqDtoType, "application/json");
        mapped.WithMetadata(definition.ResDtoType == typeof(object)
            ? new ProducesResponseTypeMetadata(204)
            : new ProducesResponseTypeMetadata(200, definition.ResDtoType, ["application/json"]));
        var errors = definition.Host.Config.Errors;
        if (errors.ProducesMetadataType is { } type && definition.ReqDtoType != typeof(EmptyRequest))
            mapped.WithMetadata(new ProducesResponseTypeMetadata(errors.StatusCode, type, [errors.ContentType]));
        if (definition.AnonymousVerbs?.Contains(verb) == true) return;
        mapped.WithMetadata(new ProducesResponseTypeMetadata(401));
        if ((definition.AllowedRoles ?? definition.PreBuiltUserPolicies ?? definition.AllowedClaimTypes) is not null)
            mapped.WithMetadata(new ProducesResponseTypeMetadata(403));
    }

    static void Authorize(RouteHandlerBuilder mapped, EndpointDefinition definition, string verb)
    {
        if (definition.AnonymousVerbs?.Contains(verb) == true)
        {
            mapped.AllowAnonymous();
            return;
        }

        var policy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser();
        var roleClaim = definition.Host.Config.Security.RoleClaimType;
        if (definition.AllowedRoles?.ToArray() is { } roles)
            policy.RequireAssertion(c => Array.Exists(roles, role => c.User.HasClaim(roleClaim, role) || c.User.IsInRole(role)));
        if (definition.AllowedClaimTypes?.ToArray() is { } types)
            policy.RequireAssertion(c => Array.Exists(types, type => c.User.HasClaim(claim => claim.Type == type)));
        mapped.RequireAuthorization(policy.Build());
        if (definition.PreBuiltUserPolicies?.ToArray() is { } policies) mapped.RequireAuthorization(policies);
    }

    static RoutePattern Route(Config config, EpVersion version, string route)
    {
        var number = version.Current == 0 ? config.Versioning.DefaultVersion : version.Current;
        var text = number == 0 ? "" : $"{config.Versioning.Prefix ?? "v"}{number}";
        return RoutePatternFactory.Parse(config.Versioning.PrependToRoute == true
            ? Join(config.Endpoints.RoutePrefix, text, route)
            : Join(config.Endpoints.RoutePrefix, route, text));
    }

    internal static string Join(params ReadOnlySpan<string?> parts)
    {
        var path = new StringBuilder();
        foreach (var part in parts)
        {
            if (part?.Trim('/') is { Length: > 0 } trimmed) path.Append('/').Append(trimmed);
        }

        return path.Length == 0 ? "/" : path.ToString();
    }

    /// <summary>The route without the names of its parameters, which tell no two routes apart.</summary>
    static string Shape(RoutePattern route)
        => string.Join('/', route.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter =>
                $"{{{(parameter.IsCatchAll ? "*" : "")}{string.Join(':', parameter.ParameterPolicies.Select(p => p.Content))}}}",
            _ => "",
        }))));
}
