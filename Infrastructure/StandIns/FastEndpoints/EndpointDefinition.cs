using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastEndpoints;

#pragma warning disable CS1591 // each says itself
/// <summary>A verb.</summary>
public enum Http { GET = 1, POST, PUT, PATCH, DELETE, HEAD, OPTIONS }
#pragma warning restore CS1591

/// <summary>Endpoints that share a route prefix and rules.</summary>
public abstract class Group
{
    string _prefix = "";
    Action<EndpointDefinition>? _configure;

    /// <summary>Declares what the endpoints' routes begin with and what else they share; for the constructor.</summary>
    protected void Configure(string routePrefix, Action<EndpointDefinition> ep)
        => (_prefix, _configure) = (routePrefix, ep);

    internal void Apply(EndpointDefinition definition)
    {
        if (definition.Routes.Length == 0)
            throw new InvalidOperationException($"{definition.EndpointType}: call Group<>() after the verb.");
        definition.Routes = [.. definition.Routes.Select(route => EndpointMapper.Join(_prefix, route))];
        _configure?.Invoke(definition);
    }
}

/// <summary>How one endpoint was configured; also on the metadata of its routes.</summary>
public sealed class EndpointDefinition
{
    internal EndpointDefinition(EndpointHost host, Type endpointType, Type reqDtoType, Type resDtoType)
        => (Host, EndpointType, ReqDtoType, ResDtoType) = (host, endpointType, reqDtoType, resDtoType);

    /// <summary>The endpoint's type.</summary>
    public Type EndpointType { get; }
    /// <summary>What requests are bound to.</summary>
    public Type ReqDtoType { get; }
    /// <summary>What is answered.</summary>
    public Type ResDtoType { get; }
    /// <summary>The routes, without the prefix and version that all endpoints share.</summary>
    public string[] Routes { get; internal set; } = [];
    /// <summary>The verbs.</summary>
    public string[] Verbs { get; internal set; } = [];
    /// <summary>The endpoint's own marks.</summary>
    public List<string> EndpointTags { get; } = [];

    internal EndpointHost Host { get; }
    internal RoutePattern[] Patterns { get; set; } = [];
    internal int Version { get; set; }
    internal Type? ValidatorType { get; init; }
    internal string[] AnonymousVerbs { get; private set; } = [];
    internal List<string> AllowedRoles { get; } = [];
    internal List<string> AllowedClaimTypes { get; } = [];
    internal List<string> RequiredPolicies { get; } = [];
    internal EndpointSummary? EndpointSummary { get; private set; }
    internal bool ThrowIfInvalid { get; set; } = true;
    internal bool ClearDefaults { get; private set; }
    internal List<Action<RouteHandlerBuilder>> RouteConfigurations { get; } = [];
    internal List<Type> PreProcessors { get; } = [];
    internal List<Type> PostProcessors { get; } = [];

    /// <summary>Lets callers in who have not signed in: for these verbs, or for all when none is named.</summary>
    public void AllowAnonymous(params Http[] verbs)
        => AnonymousVerbs = verbs.Length > 0 ? [.. verbs.Select(v => v.ToString())] : Enum.GetNames<Http>();
    /// <summary>Lets in only callers with one of these roles.</summary>
    public void Roles(params string[] rolesNames) => AllowedRoles.AddRange(rolesNames);
    /// <summary>Lets in only callers who meet all of these policies.</summary>
    public void Policies(params string[] policyNames) => RequiredPolicies.AddRange(policyNames);
    /// <summary>Lets in only callers with a claim of one of these types.</summary>
    public void Claims(params string[] claimTypes) => AllowedClaimTypes.AddRange(claimTypes);
    /// <summary>Marks the endpoint.</summary>
    public void Tags(params string[] endpointTags) => EndpointTags.AddRange(endpointTags);
    /// <summary>Describes the endpoint in the API document.</summary>
    public void Summary(Action<EndpointSummary> endpointSummary) => endpointSummary(EndpointSummary ??= new());
    /// <summary>Adds metadata to the routes, after the default metadata or instead of it.</summary>
    public void Description(Action<RouteHandlerBuilder> builder, bool clearDefaults = false)
    {
        ClearDefaults |= clearDefaults;
        RouteConfigurations.Add(builder);
    }

    /// <summary>Sets options of the routes.</summary>
    public void Options(Action<RouteHandlerBuilder> builder) => RouteConfigurations.Add(builder);
}

/// <summary>What the API document says of an endpoint.</summary>
public sealed class EndpointSummary
{
    /// <summary>One line.</summary>
    public string Summary { get; set; } = "";
    /// <summary>As much as is needed.</summary>
    public string Description { get; set; } = "";
    /// <summary>A request as one might be sent.</summary>
    public object? ExampleRequest { get; set; }
    /// <summary>What the request's members mean, by name.</summary>
    public Dictionary<string, string> Params { get; set; } = new(StringComparer.OrdinalIgnoreCase);
    /// <summary>What each status means.</summary>
    public Dictionary<int, string> Responses { get; set; } = [];
    /// <summary>What is answered with each status, for example.</summary>
    public Dictionary<int, object> ResponseExamples { get; set; } = [];
}
