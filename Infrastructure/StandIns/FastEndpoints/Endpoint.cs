using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Security.Claims;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace FastEndpoints;

/// <summary>Marks every endpoint.</summary>
public interface IEndpoint;

/// <summary>A request without members.</summary>
public sealed class EmptyRequest;

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

    /// <summary>
    /// Declares verbs, routes and rules. Called once at start-up on an instance whose constructor has not run.
    /// </summary>
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
    public virtual Task HandleAsync(CancellationToken ct) => throw Missing();

    /// <inheritdoc />
    public sealed override Task HandleAsync(EmptyRequest req, CancellationToken ct) => HandleAsync(ct);
}

/// <summary>An endpoint. Each request has an instance of its own.</summary>
public abstract partial class Endpoint<TRequest, TResponse> : BaseEndpoint
    where TRequest : notnull
{
    ResponseSender<TRequest, TResponse>? _send;

    /// <summary>Who is asking.</summary>
    public ClaimsPrincipal User => HttpContext.User;
    /// <summary>The verb of the request.</summary>
    public Http HttpMethod => Enum.Parse<Http>(HttpContext.Request.Method);
    /// <summary>A logger named after the endpoint.</summary>
    public ILogger Logger => Resolve<ILoggerFactory>().CreateLogger(GetType());
    /// <summary>What is sent after the handler when the handler has sent nothing; null sends 204.</summary>
    public TResponse Response
    {
        get => PendingResponse!;
        set => PendingResponse = value;
    }

    /// <summary>Sends the response.</summary>
    protected internal ResponseSender<TRequest, TResponse> Send => _send ??= new(this);

    internal TResponse? PendingResponse { get; private set; }

    /// <summary>Answers the request, which has been bound and has passed its validator.</summary>
    public virtual Task HandleAsync(TRequest req, CancellationToken ct) => throw Missing();

    private protected NotSupportedException Missing() => new($"Override HandleAsync() in {GetType().FullName}.");

    /// <summary>A service of the request's scope.</summary>
    /// <exception cref="InvalidOperationException">It is not registered.</exception>
    public TService Resolve<TService>() where TService : class
        => HttpContext.RequestServices.GetRequiredService<TService>();

    /// <summary>A service of the request's scope, or null when it is not registered.</summary>
    public TService? TryResolve<TService>() where TService : class
        => HttpContext.RequestServices.GetService<TService>();

    /// <summary>The route value of that name.</summary>
    /// <exception cref="ValidationFailureException">It is missing though required, or does not parse.</exception>
    protected T? Route<T>(string paramName, bool isRequired = true)
        => Read<T>(paramName, HttpContext.Request.RouteValues[paramName]?.ToString(), isRequired, "Route");

    /// <summary>The query value of that name.</summary>
    /// <exception cref="ValidationFailureException">It is missing though required, or does not parse.</exception>
    protected T? Query<T>(string paramName, bool isRequired = true)
        => Read<T>(paramName, HttpContext.Request.Query[paramName], isRequired, "Query");

    T? Read<T>(string name, StringValues values, bool isRequired, string what)
    {
        if (values.Count > 0)
        {
            if (ValueParser<T>.Instance(values, out var value)) return value;
            ThrowError(new ValidationFailure(name, ValueParser.Refusal(values, typeof(T))));
        }

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
        => AddError(new(EndpointHost.GeneralErrors, message) { ErrorCode = errorCode, Severity = severity });

    /// <summary>Notes that something is wrong with one member of the request.</summary>
    protected void AddError(
        Expression<Func<TRequest, object?>> property, string errorMessage, string? errorCode = null,
        Severity severity = Severity.Error)
        => AddError(new(PropertyPath.Of(property), errorMessage) { ErrorCode = errorCode, Severity = severity });

    /// <summary>Notes that something is wrong with the request.</summary>
    protected void AddError(ValidationFailure failure)
    {
        failure.PropertyName = Definition.Host.NameOf(failure.PropertyName);
        ValidationFailures.Add(failure);
    }

    /// <summary>Ends the handler when anything is wrong so far.</summary>
    /// <exception cref="ValidationFailureException">Something is.</exception>
    protected void ThrowIfAnyErrors(int? statusCode = null)
    {
        if (ValidationFailed) Throw("The request is not valid.", statusCode);
    }

    /// <summary>Ends the handler: something is wrong with the request as a whole.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(string message, int? statusCode = null)
    {
        AddError(message);
        Throw(message, statusCode);
    }

    /// <summary>Ends the handler: something is wrong with one member of the request.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(Expression<Func<TRequest, object?>> property, string errorMessage, int? statusCode = null)
    {
        AddError(property, errorMessage);
        Throw(errorMessage, statusCode);
    }

    /// <summary>Ends the handler with a failure.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(ValidationFailure failure, int? statusCode = null)
    {
        AddError(failure);
        Throw(failure.ErrorMessage, statusCode);
    }

    [DoesNotReturn]
    void Throw(string message, int? statusCode)
        => throw new ValidationFailureException(ValidationFailures, message) { StatusCode = statusCode };
}
