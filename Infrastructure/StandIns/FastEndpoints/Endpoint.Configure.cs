using Microsoft.AspNetCore.Builder;

namespace FastEndpoints;

public abstract partial class Endpoint<TRequest, TResponse>
{
    /// <summary>Answers GET on these routes.</summary>
    protected void Get(params string[] routePatterns) => Answer(Http.GET, routePatterns);
    /// <summary>Answers POST on these routes.</summary>
    protected void Post(params string[] routePatterns) => Answer(Http.POST, routePatterns);
    /// <summary>Answers PUT on these routes.</summary>
    protected void Put(params string[] routePatterns) => Answer(Http.PUT, routePatterns);
    /// <summary>Answers PATCH on these routes.</summary>
    protected void Patch(params string[] routePatterns) => Answer(Http.PATCH, routePatterns);
    /// <summary>Answers DELETE on these routes.</summary>
    protected void Delete(params string[] routePatterns) => Answer(Http.DELETE, routePatterns);
    /// <summary>Answers these verbs; with <see cref="Routes"/>.</summary>
    protected void Verbs(params Http[] methods) => Definition.Verbs = [.. methods.Select(m => m.ToString())];
    /// <summary>Answers on these routes; with <see cref="Verbs"/>.</summary>
    protected void Routes(params string[] patterns) => Definition.Routes = patterns;

    void Answer(Http verb, string[] routes)
    {
        Verbs(verb);
        Routes(routes);
    }

    /// <summary>Lets callers in who have not signed in: for these verbs, or for all when none is named.</summary>
    protected void AllowAnonymous(params Http[] verbs) => Definition.AllowAnonymous(verbs);
    /// <summary>Lets in only callers with one of these roles.</summary>
    protected void Roles(params string[] rolesNames) => Definition.Roles(rolesNames);
    /// <summary>Lets in only callers who meet all of these policies.</summary>
    protected void Policies(params string[] policyNames) => Definition.Policies(policyNames);
    /// <summary>Lets in only callers with a claim of one of these types.</summary>
    protected void Claims(params string[] claimTypes) => Definition.Claims(claimTypes);
    /// <summary>Joins a group, whose route prefix and rules then apply. To be called after the verb.</summary>
    /// <exception cref="InvalidOperationException">No route has been declared yet.</exception>
    protected void Group<TEndpointGroup>() where TEndpointGroup : Group, new()
        => new TEndpointGroup().Apply(Definition);
    /// <summary>Marks the endpoint, for filters and <see cref="EndpointNameGenerationContext.TagPrefix"/>.</summary>
    protected void Tags(params string[] endpointTags) => Definition.Tags(endpointTags);
    /// <summary>Describes the endpoint in the API document.</summary>
    protected void Summary(Action<EndpointSummary> endpointSummary) => Definition.Summary(endpointSummary);
    /// <summary>Describes the endpoint, its request's members included, in the API document.</summary>
    protected void Summary(Action<EndpointSummary<TRequest>> endpointSummary)
    {
        var summary = new EndpointSummary<TRequest>();
        endpointSummary(summary);
        Definition.Summary(summary);
    }

    /// <summary>Adds metadata to the route, after the default metadata or instead of it.</summary>
    protected void Description(Action<RouteHandlerBuilder> builder, bool clearDefaults = false)
        => Definition.Description(builder, clearDefaults);
    /// <summary>Sets options of the route.</summary>
    protected void Options(Action<RouteHandlerBuilder> builder) => Definition.Options(builder);
    /// <summary>Adds a processor, one instance for all requests, that runs before the handler.</summary>
    protected void PreProcessor<TPreProcessor>() where TPreProcessor : class, IPreProcessor<TRequest>
        => Definition.PreProcessorList.Add(typeof(TPreProcessor));
    /// <summary>Adds processors that run before the handler.</summary>
    protected void PreProcessors(params IPreProcessor<TRequest>[] preProcessors)
        => Definition.PreProcessorList.AddRange(preProcessors);
    /// <summary>Adds a processor, one instance for all requests, that runs after the response.</summary>
    protected void PostProcessor<TPostProcessor>() where TPostProcessor : class, IPostProcessor<TRequest, TResponse>
        => Definition.PostProcessorList.Add(typeof(TPostProcessor));
    /// <summary>Runs the handler even when the validator found something wrong.</summary>
    protected void DontThrowIfValidationFails() => Definition.DontThrowIfValidationFails();
    /// <summary>Sets the version of the endpoint.</summary>
    protected EpVersion Version(int version)
    {
        Definition.Version.Current = version;
        return Definition.Version;
    }
}
