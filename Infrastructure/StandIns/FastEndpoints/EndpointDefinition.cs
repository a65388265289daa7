using System.Linq.Expressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastEndpoints;

#pragma warning disable CS1591 // each says itself
/// <summary>A verb.</summary>
public enum Http { GET = 1, POST, PUT, PATCH, DELETE, HEAD, OPTIONS }

/// <summary>Where a group's or the configurator's processor goes: before or after those of the endpoint.</summary>
public enum Order { Before, After }
#pragma warning restore CS1591

/// <summary>The version of an endpoint.</summary>
public sealed class EpVersion
{
    /// <summary>The version; 0 takes the default version.</summary>
    public int Current { get; internal set; }
}

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
            throw new InvalidOperationException($"{definition.EndpointType.FullName}: call Group<>() after the verb.");
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
    /// <summary>The verbs that are open to callers who have not signed in.</summary>
    public string[]? AnonymousVerbs { get; private set; }
    /// <summary>The roles of which a caller needs one.</summary>
    public List<string>? AllowedRoles { get; private set; }
    /// <summary>The claim types of which a caller needs one.</summary>
    public List<string>? AllowedClaimTypes { get; private set; }
    /// <summary>The policies that a caller has to meet.</summary>
    public List<string>? PreBuiltUserPolicies { get; private set; }
    /// <summary>The endpoint's own marks.</summary>
    public List<string>? EndpointTags { get; private set; }
    /// <summary>What the API document says of the endpoint.</summary>
    public EndpointSummary? EndpointSummary { get; private set; }
    /// <summary>The version.</summary>
    public EpVersion Version { get; } = new();
    /// <summary>The validator of the request's type, if there is one.</summary>
    public Type? ValidatorType { get; internal set; }

    internal EndpointHost Host { get; }
    internal RoutePattern[] Patterns { get; set; } = [];
    internal bool ThrowIfInvalid { get; private set; } = true;
    internal bool ClearDefaults { get; private set; }
    internal List<Action<RouteHandlerBuilder>> RouteConfigurations { get; } = [];
    /// <summary>Instances, and types of which one instance is made.</summary>
    internal List<object> PreProcessorList { get; } = [];
    internal List<object> PostProcessorList { get; } = [];

    /// <summary>Lets callers in who have not signed in: for these verbs, or for all when none is named.</summary>
    public void AllowAnonymous(params Http[] verbs)
        => AnonymousVerbs = verbs.Length > 0 ? [.. verbs.Select(v => v.ToString())] : Enum.GetNames<Http>();
    /// <summary>Lets in only callers with one of these roles.</summary>
    public void Roles(params string[] rolesNames) => (AllowedRoles ??= []).AddRange(rolesNames);
    /// <summary>Lets in only callers who meet all of these policies.</summary>
    public void Policies(params string[] policyNames) => (PreBuiltUserPolicies ??= []).AddRange(policyNames);
    /// <summary>Lets in only callers with a claim of one of these types.</summary>
    public void Claims(params string[] claimTypes) => (AllowedClaimTypes ??= []).AddRange(claimTypes);
    /// <summary>Marks the endpoint.</summary>
    public void Tags(params string[] endpointTags) => (EndpointTags ??= []).AddRange(endpointTags);
    /// <summary>Describes the endpoint in the API document.</summary>
    public void Summary(Action<EndpointSummary> endpointSummary) => endpointSummary(EndpointSummary ??= new());
    /// <summary>Describes the endpoint in the API document.</summary>
    public void Summary(EndpointSummary endpointSummary) => EndpointSummary = endpointSummary;
    /// <summary>Adds metadata to the routes, after the default metadata or instead of it.</summary>
    public void Description(Action<RouteHandlerBuilder> builder, bool clearDefaults = false)
    {
        ClearDefaults |= clearDefaults;
        RouteConfigurations.Add(builder);
    }

    /// <summary>Sets options of the routes.</summary>
    public void Options(Action<RouteHandlerBuilder> builder) => RouteConfigurations.Add(builder);
    /// <summary>Adds a processor, one instance for all requests, that runs before the handler.</summary>
    public void PreProcessor<TPreProcessor>(Order order) where TPreProcessor : class, IGlobalPreProcessor
        => PreProcessorList.Insert(order == Order.Before ? 0 : PreProcessorList.Count, typeof(TPreProcessor));
    /// <summary>Adds a processor, one instance for all requests, that runs after the response.</summary>
    public void PostProcessor<TPostProcessor>(Order order) where TPostProcessor : class, IGlobalPostProcessor
        => PostProcessorList.Insert(order == Order.Before ? 0 : PostProcessorList.Count, typeof(TPostProcessor));
    /// <summary>Runs the handler even when the validator found something wrong.</summary>
    public void DontThrowIfValidationFails() => ThrowIfInvalid = false;
}

/// <summary>What the API document says of an endpoint.</summary>
public class EndpointSummary
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

/// <summary>What the API document says of an endpoint that takes a request.</summary>
public class EndpointSummary<TRequest> : EndpointSummary where TRequest : notnull
{
    /// <summary>Says what one member of the request means.</summary>
    public void RequestParam(Expression<Func<TRequest, object?>> property, string description)
        => Params[PropertyPath.Of(property)] = description;
}
