using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastEndpoints;

/// <summary>Turns definitions into routes of ASP.NET Core.</summary>
static class EndpointMapper
{
    internal static void Map(IEndpointRouteBuilder builder, EndpointHost host)
    {
        var taken = new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase);
        foreach (var definition in host.Definitions)
        {
            var version = definition.Version;
            definition.Patterns = [.. definition.Routes.Select(route => Pattern(host.Config, version, route))];
            var runner = EndpointRunner.Create(definition);
            for (var number = 0; number < definition.Patterns.Length; number++)
            {
                var pattern = definition.Patterns[number].RawText!;
                foreach (var verb in definition.Verbs)
                {
                    // The names of its parameters tell no two routes apart.
                    var route = $"{verb} {Regex.Replace(pattern, @"(?<=\{\**)\w+", "")}";
                    if (!taken.TryAdd(route, definition.EndpointType))
                        throw new InvalidOperationException($"{taken[route]} and {definition.EndpointType}: {route}.");
                    var mapped = builder.MapMethods(pattern, [verb], runner.RunAsync);
                    mapped.WithName(host.NameOf(definition, verb, number));
                    Configure(mapped, definition, verb, runner.NeedsBody);
                }
            }
        }
    }

    static void Configure(
        IEndpointConventionBuilder mapped, EndpointDefinition definition, string verb, bool needsBody)
    {
        var route = new RouteHandlerBuilder([mapped]);
        route.WithMetadata(definition);
        var isOpen = definition.AnonymousVerbs.Contains(verb);
        var takesBody = needsBody && verb is "POST" or "PUT" or "PATCH";
        if (!definition.ClearDefaults) Describe(route, definition, takesBody, isOpen);
        if (isOpen) route.AllowAnonymous();
        else Authorize(route, definition);
        foreach (var configure in definition.RouteConfigurations) configure(route);
    }

    static void Describe(RouteHandlerBuilder route, EndpointDefinition definition, bool takesBody, bool isOpen)
    {
        var errors = definition.Host.Config.Errors;
        if (takesBody) route.Accepts(definition.ReqDtoType, "application/json");
        if (definition.ResDtoType == typeof(object)) Produces(204);
        else Produces(200, definition.ResDtoType, "application/json");
        if (definition.ReqDtoType != typeof(EmptyRequest))
            Produces(errors.StatusCode, typeof(ErrorResponse), errors.ContentType);
        if (isOpen) return;
        Produces(401);
        if (definition is not { AllowedRoles: [], RequiredPolicies: [], AllowedClaimTypes: [] }) Produces(403);

        void Produces(int status, Type? body = null, params string[] contentTypes)
            => route.WithMetadata(new ProducesResponseTypeMetadata(status, body, contentTypes));
    }

    static void Authorize(RouteHandlerBuilder route, EndpointDefinition definition)
    {
        var policy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser();
        var roleClaim = definition.Host.Config.Security.RoleClaimType;
        var (roles, types) = (definition.AllowedRoles, definition.AllowedClaimTypes);
        if (roles.Count > 0)
            policy.RequireAssertion(c => roles.Exists(r => c.User.HasClaim(roleClaim, r) || c.User.IsInRole(r)));
        if (types.Count > 0) policy.RequireAssertion(c => c.User.HasClaim(claim => types.Contains(claim.Type)));
        route.RequireAuthorization(policy.Build()).RequireAuthorization(definition.RequiredPolicies.ToArray());
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
}
