using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Security.Claims;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastEndpoints;

/// <summary>What every endpoint is, whatever its request and response.</summary>
public interface IEndpoint
{
    /// <summary>The request being answered.</summary>
    HttpContext HttpContext { get; }

    /// <summary>How the endpoint was configured.</summary>
    EndpointDefinition Definition { get; }

    /// <summary>What is wrong with the request so far.</summary>
    List<ValidationFailure> ValidationFailures { get; }
}

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
    public virtual void Configure()
        => throw new NotSupportedException($"Override Configure() in {GetType().FullName}.");
}

/// <summary>An endpoint that takes <typeparamref name="TRequest"/> and answers whatever it likes.</summary>
/// <typeparam name="TRequest">What the request is bound to.</typeparam>
public abstract class Endpoint<TRequest> : Endpoint<TRequest, object?>
    where TRequest : notnull;

/// <summary>An endpoint that takes nothing and answers whatever it likes.</summary>
public abstract class EndpointWithoutRequest : EndpointWithoutRequest<object?>;

/// <summary>An endpoint that takes nothing and answers <typeparamref name="TResponse"/>.</summary>
/// <typeparam name="TResponse">What is answered.</typeparam>
public abstract class EndpointWithoutRequest<TResponse> : Endpoint<EmptyRequest, TResponse>
{
    /// <summary>Answers the request.</summary>
    public virtual Task HandleAsync(CancellationToken ct)
        => throw new NotSupportedException($"Override HandleAsync() in {GetType().FullName}.");

    /// <inheritdoc />
    public sealed override Task HandleAsync(EmptyRequest req, CancellationToken ct) => HandleAsync(ct);
}

/// <summary>A request without members.</summary>
public sealed class EmptyRequest;

/// <summary>A response without members.</summary>
public sealed class EmptyResponse;

/// <summary>An endpoint that takes <typeparamref name="TRequest"/> and answers <typeparamref name="TResponse"/>.</summary>
/// <typeparam name="TRequest">What the request is bound to.</typeparam>
/// <typeparam name="TResponse">What is answered.</typeparam>
public abstract partial class Endpoint<TRequest, TResponse> : BaseEndpoint
    where TRequest : notnull
{
    ResponseSender<TRequest, TResponse>? _send;

    /// <summary>Who is asking.</summary>
    public ClaimsPrincipal User => HttpContext.User;

    /// <summary>The verb of the request.</summary>
    public Http HttpMethod => Enum.Parse<Http>(HttpContext.Request.Method);

    /// <summary>A logger named after the endpoint.</summary>
    public ILogger Logger => HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(GetType());

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
    public virtual Task HandleAsync(TRequest req, CancellationToken ct)
        => throw new NotSupportedException($"Override HandleAsync() in {GetType().FullName}.");

    /// <summary>A service of the request's scope.</summary>
    /// <exception cref="InvalidOperationException">It is not registered.</exception>
    public TService Resolve<TService>() where TService : class
        => HttpContext.RequestServices.GetRequiredService<TService>();

    /// <summary>A service of the request's scope, or null when it is not registered.</summary>
    public TService? TryResolve<TService>() where TService : class
        => HttpContext.RequestServices.GetService<TService>();

    /// <summary>The route value of that name.</summary>
    /// <exception cref="ValidationFailureException">It is missing and required, or is no <typeparamref name="T"/>.</exception>
    protected T? Route<T>(string paramName, bool isRequired = true)
        => Read<T>(paramName, HttpContext.Request.RouteValues[paramName]?.ToString(), isRequired, "Route parameter");

    /// <summary>The query value of that name.</summary>
    /// <exception cref="ValidationFailureException">It is missing and required, or is no <typeparamref name="T"/>.</exception>
    protected T? Query<T>(string paramName, bool isRequired = true)
        => Read<T>(paramName, HttpContext.Request.Query[paramName], isRequired, "Query parameter");

    T? Read<T>(string name, Microsoft.Extensions.Primitives.StringValues values, bool isRequired, string what)
    {
        if (values.Count == 0)
        {
            if (isRequired) ThrowError(new ValidationFailure(name, $"{what} was not found!"));
            return default;
        }

        if (!ValueParser<T>.Instance(values, out var value))
            ThrowError(new ValidationFailure(name, ValueParser.Refusal(values, typeof(T))));
        return value;
    }

    /// <summary>Hands <paramref name="eventModel"/> to its handlers.</summary>
    protected Task PublishAsync<TEvent>(
        TEvent eventModel, Mode waitMode = Mode.WaitForAll, CancellationToken cancellation = default)
        where TEvent : IEvent
        => Definition.Host.Events.PublishAsync(eventModel, waitMode, cancellation);

    /// <summary>Notes that something is wrong with the request as a whole.</summary>
    protected void AddError(string message, string? errorCode = null, Severity severity = Severity.Error)
        => AddError(Failure(Definition.Host.Config.Errors.GeneralErrorsField, message, errorCode, severity));

    /// <summary>Notes that something is wrong with one member of the request.</summary>
    protected void AddError(
        Expression<Func<TRequest, object?>> property,
        string errorMessage,
        string? errorCode = null,
        Severity severity = Severity.Error)
        => AddError(Failure(PropertyPath.Of(property), errorMessage, errorCode, severity));

    /// <summary>Notes that something is wrong with the request.</summary>
    protected void AddError(ValidationFailure failure)
    {
        failure.PropertyName = Definition.Host.NameOf(failure.PropertyName);
        ValidationFailures.Add(failure);
    }

    /// <summary>Ends the handler with what is wrong so far, when anything is.</summary>
    /// <exception cref="ValidationFailureException">Something is wrong.</exception>
    protected void ThrowIfAnyErrors(int? statusCode = null)
    {
        if (ValidationFailed) throw new ValidationFailureException(ValidationFailures, "ThrowIfAnyErrors()") { StatusCode = statusCode };
    }

    /// <summary>Ends the handler: something is wrong with the request as a whole.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(string message, int? statusCode = null)
        => ThrowError(message, null, Severity.Error, statusCode);

    /// <summary>Ends the handler: something is wrong with the request as a whole.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(
        string message, string? errorCode, Severity severity = Severity.Error, int? statusCode = null)
        => ThrowError(Failure(Definition.Host.Config.Errors.GeneralErrorsField, message, errorCode, severity), statusCode);

    /// <summary>Ends the handler: something is wrong with one member of the request.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(Expression<Func<TRequest, object?>> property, string errorMessage, int? statusCode = null)
        => ThrowError(property, errorMessage, null, Severity.Error, statusCode);

    /// <summary>Ends the handler: something is wrong with one member of the request.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(
        Expression<Func<TRequest, object?>> property,
        string errorMessage,
        string? errorCode,
        Severity severity = Severity.Error,
        int? statusCode = null)
        => ThrowError(Failure(PropertyPath.Of(property), errorMessage, errorCode, severity), statusCode);

    /// <summary>Ends the handler with <paramref name="failure"/>.</summary>
    /// <exception cref="ValidationFailureException">Always.</exception>
    [DoesNotReturn]
    protected void ThrowError(ValidationFailure failure, int? statusCode = null)
    {
        AddError(failure);
        throw new ValidationFailureException(ValidationFailures, failure.ErrorMessage) { StatusCode = statusCode };
    }

    static ValidationFailure Failure(string property, string message, string? errorCode, Severity severity)
        => new(property, message) { ErrorCode = errorCode, Severity = severity };
}
