using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Security.Claims;
using FluentValidation;
using FluentValidation.Internal;
using FluentValidation.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace FastEndpoints;

/// <summary>Marks every endpoint.</summary>
public interface IEndpoint;

/// <summary>A request without members.</summary>
public sealed class EmptyRequest;

/// <summary>The rules of a request. One instance serves all requests, so it takes singletons only.</summary>
public abstract class Validator<TRequest> : AbstractValidator<TRequest> where TRequest : notnull;

/// <summary>The base of all endpoints.</summary>
public abstract class BaseEndpoint : IEndpoint
{
    List<ValidationFailure>? _failures;

    /// <summary>How the endpoint was configured; shared by all its instances.</summary>
    public EndpointDefinition Definition { get; internal set; } = null!;
    /// <summary>The request being answered.</summary>
    public HttpContext HttpContext { get; internal set; } = null!;
    /// <summary>What is wrong with the request so far.</summary>
    public List<ValidationFailure> ValidationFailures => _failures ??= [];
    /// <summary>Whether anything is wrong with the request so far.</summary>
    public bool ValidationFailed => _failures is { Count: > 0 };

    /// <summary>Declares verbs, routes and rules, once, on an instance whose constructor has not run.</summary>
    public virtual void Configure() => throw new NotSupportedException($"Override Configure() in {GetType()}.");
}

/// <summary>An endpoint that takes a request and answers whatever it likes.</summary>
public abstract class Endpoint<TRequest> : Endpoint<TRequest, object?> where TRequest : notnull;

/// <summary>An endpoint that takes nothing and answers whatever it likes.</summary>
public abstract class EndpointWithoutRequest : EndpointWithoutRequest<object?>;

/// <summary>An endpoint that takes nothing.</summary>
public abstract class EndpointWithoutRequest<TResponse> : Endpoint<EmptyRequest, TResponse>
{
    /// <summary>Answers the request.</summary>
    public virtual Task HandleAsync(CancellationToken ct) => base.HandleAsync(new(), ct);

    /// <inheritdoc />
    public sealed override Task HandleAsync(EmptyRequest req, CancellationToken ct) => HandleAsync(ct);
}

/// <summary>An endpoint. Each request has an instance of its own.</summary>
public abstract class Endpoint<TRequest, TResponse> : BaseEndpoint
    where TRequest : notnull
{
    ResponseSender<TRequest, TResponse>? _send;

    /// <summary>Who is asking.</summary>
    public ClaimsPrincipal User => HttpContext.User;
    /// <summary>A logger named after the endpoint.</summary>
    public ILogger Logger => Resolve<ILoggerFactory>().CreateLogger(GetType());
    /// <summary>What is sent after the handler when the handler has sent nothing; null sends 204.</summary>
    public TResponse Response { get; set; } = default!;
    /// <summary>Sends the response.</summary>
    protected internal ResponseSender<TRequest, TResponse> Send => _send ??= new(this);

    /// <summary>Answers the request, which has been bound and has passed its validator.</summary>
    public virtual Task HandleAsync(TRequest req, CancellationToken ct)
        => throw new NotSupportedException($"Override HandleAsync() in {GetType()}.");

    /// <summary>A service of the request's scope.</summary>
    public TService Resolve<TService>() where TService : class
        => HttpContext.RequestServices.GetRequiredService<TService>();

    /// <summary>The route value of that name; ends the handler when it is missing or does not parse.</summary>
    protected T? Route<T>(string paramName, bool isRequired = true)
        => Read<T>(paramName, HttpContext.Request.RouteValues[paramName]?.ToString(), isRequired, "Route");
    /// <summary>The query value of that name; ends the handler when it is missing or does not parse.</summary>
    protected T? Query<T>(string paramName, bool isRequired = true)
        => Read<T>(paramName, HttpContext.Request.Query[paramName], isRequired, "Query");

    T? Read<T>(string name, StringValues values, bool isRequired, string what)
    {
        var parse = ValueParser.Of(typeof(T)) ?? throw new NotSupportedException($"Text is never a {typeof(T)}.");
        if (values.Count > 0 && parse(values, out var value)) return (T?)value;
        if (values.Count > 0) ThrowError(new ValidationFailure(name, ValueParser.Refusal(values, typeof(T))));
        if (isRequired) ThrowError(new ValidationFailure(name, $"{what} parameter was not found!"));
        return default;
    }

    /// <summary>Hands an event to the handlers of its run-time type.</summary>
    protected Task PublishAsync<TEvent>(
        TEvent eventModel, Mode waitMode = Mode.WaitForAll, CancellationToken cancellation = default)
        where TEvent : IEvent
        => Definition.Host.Events.PublishAsync(eventModel, waitMode, cancellation);

    /// <summary>Notes that something is wrong with the request as a whole.</summary>
    protected void AddError(string message, string? errorCode = null, Severity severity = Severity.Error)
        => AddError(new("generalErrors", message) { ErrorCode = errorCode, Severity = severity });
    /// <summary>Notes that something is wrong with one member of the request.</summary>
    protected void AddError(
        Expression<Func<TRequest, object?>> property, string errorMessage, string? errorCode = null,
        Severity severity = Severity.Error)
        => AddError(new(NameOf(property), errorMessage) { ErrorCode = errorCode, Severity = severity });
    /// <summary>Notes that something is wrong with the request.</summary>
    protected void AddError(ValidationFailure failure)
    {
        failure.PropertyName = Definition.Host.NameOf(failure.PropertyName);
        ValidationFailures.Add(failure);
    }

    /// <summary>Ends the handler when anything is wrong so far.</summary>
    protected void ThrowIfAnyErrors(int? statusCode = null)
    {
        if (ValidationFailed) throw new ValidationFailureException(statusCode);
    }

    /// <summary>Ends the handler: something is wrong with the request as a whole.</summary>
    [DoesNotReturn]
    protected void ThrowError(string message, int? statusCode = null)
        => ThrowError(new ValidationFailure("generalErrors", message), statusCode);
    /// <summary>Ends the handler: something is wrong with one member of the request.</summary>
    [DoesNotReturn]
    protected void ThrowError(Expression<Func<TRequest, object?>> property, string errorMessage, int? statusCode = null)
        => ThrowError(new ValidationFailure(NameOf(property), errorMessage), statusCode);
    /// <summary>Ends the handler with a failure.</summary>
    [DoesNotReturn]
    protected void ThrowError(ValidationFailure failure, int? statusCode = null)
    {
        AddError(failure);
        throw new ValidationFailureException(statusCode);
    }

    static string NameOf(LambdaExpression property) => PropertyChain.FromExpression(property).ToString();

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

    void Answer(Http verb, string[] routes) => (Definition.Verbs, Definition.Routes) = ([verb.ToString()], routes);

    /// <summary>Lets callers in who have not signed in: for these verbs, or for all when none is named.</summary>
    protected void AllowAnonymous(params Http[] verbs) => Definition.AllowAnonymous(verbs);
    /// <summary>Lets in only callers with one of these roles.</summary>
    protected void Roles(params string[] rolesNames) => Definition.Roles(rolesNames);
    /// <summary>Lets in only callers who meet all of these policies.</summary>
    protected void Policies(params string[] policyNames) => Definition.Policies(policyNames);
    /// <summary>Lets in only callers with a claim of one of these types.</summary>
    protected void Claims(params string[] claimTypes) => Definition.Claims(claimTypes);
    /// <summary>Joins a group, whose route prefix and rules then apply. To be called after the verb.</summary>
    protected void Group<TEndpointGroup>() where TEndpointGroup : Group, new()
        => new TEndpointGroup().Apply(Definition);
    /// <summary>Marks the endpoint, for filters.</summary>
    protected void Tags(params string[] endpointTags) => Definition.Tags(endpointTags);
    /// <summary>Describes the endpoint in the API document.</summary>
    protected void Summary(Action<EndpointSummary> endpointSummary) => Definition.Summary(endpointSummary);
    /// <summary>Adds metadata to the route, after the default metadata or instead of it.</summary>
    protected void Description(Action<RouteHandlerBuilder> builder, bool clearDefaults = false)
        => Definition.Description(builder, clearDefaults);
    /// <summary>Sets options of the route.</summary>
    protected void Options(Action<RouteHandlerBuilder> builder) => Definition.Options(builder);
    /// <summary>Adds a processor, one instance for all requests, that runs before the handler.</summary>
    protected void PreProcessor<TPreProcessor>() where TPreProcessor : class, IPreProcessor<TRequest>
        => Definition.PreProcessors.Add(typeof(TPreProcessor));
    /// <summary>Adds a processor, one instance for all requests, that runs after the response.</summary>
    protected void PostProcessor<TPostProcessor>() where TPostProcessor : class, IPostProcessor<TRequest, TResponse>
        => Definition.PostProcessors.Add(typeof(TPostProcessor));
    /// <summary>Runs the handler even when the validator found something wrong.</summary>
    protected void DontThrowIfValidationFails() => Definition.ThrowIfInvalid = false;
    /// <summary>Sets the version of the endpoint.</summary>
    protected void Version(int version) => Definition.Version = version;
}

/// <summary>Ends an endpoint with the failures it has noted.</summary>
sealed class ValidationFailureException(int? statusCode) : Exception("The request is not valid.")
{
    internal int? StatusCode => statusCode;
}
