using System.Runtime.ExceptionServices;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;

namespace FastEndpoints;

/// <summary>What a processor before the handler is told.</summary>
public interface IPreProcessorContext<out TRequest>
{
    /// <summary>The request; null when it could not be bound.</summary>
    TRequest? Request { get; }
    /// <summary>The request being answered.</summary>
    HttpContext HttpContext { get; }
    /// <summary>What is wrong with the request so far.</summary>
    List<ValidationFailure> ValidationFailures { get; }
    /// <summary>Whether anything is wrong with the request so far.</summary>
    bool HasValidationFailures { get; }
}

/// <inheritdoc />
public interface IPreProcessorContext : IPreProcessorContext<object>;

/// <summary>What a processor after the response is told.</summary>
public interface IPostProcessorContext<out TRequest, out TResponse> : IPreProcessorContext<TRequest>
{
    /// <summary>What was answered, as far as the endpoint's <c>Response</c> or <c>Send</c> know.</summary>
    TResponse? Response { get; }
    /// <summary>What the handler has thrown.</summary>
    ExceptionDispatchInfo? ExceptionDispatchInfo { get; }
    /// <summary>Whether the handler has thrown.</summary>
    bool HasExceptionOccurred { get; }
    /// <summary>Keeps the exception from being thrown on.</summary>
    void MarkExceptionAsHandled();
}

/// <inheritdoc />
public interface IPostProcessorContext : IPostProcessorContext<object, object?>, IPreProcessorContext;

/// <summary>
/// Runs before the handler, also when the request is not valid; sending a response keeps the handler from running.
/// </summary>
public interface IPreProcessor<in TRequest>
{
    /// <summary>Looks at the request.</summary>
    Task PreProcessAsync(IPreProcessorContext<TRequest> context, CancellationToken ct);
}

/// <summary>Runs before the handler of whichever endpoint it is added to.</summary>
public interface IGlobalPreProcessor
{
    /// <summary>Looks at the request.</summary>
    Task PreProcessAsync(IPreProcessorContext context, CancellationToken ct);
}

/// <summary>Runs after the response, also when it was an error.</summary>
public interface IPostProcessor<in TRequest, in TResponse>
{
    /// <summary>Looks at the outcome.</summary>
    Task PostProcessAsync(IPostProcessorContext<TRequest, TResponse> context, CancellationToken ct);
}

/// <summary>Runs after the response of whichever endpoint it is added to.</summary>
public interface IGlobalPostProcessor
{
    /// <summary>Looks at the outcome.</summary>
    Task PostProcessAsync(IPostProcessorContext context, CancellationToken ct);
}

/// <summary>What processors that know no types are told.</summary>
abstract class ProcessorContext(BaseEndpoint endpoint) : IPostProcessorContext
{
    public HttpContext HttpContext => endpoint.HttpContext;
    public List<ValidationFailure> ValidationFailures => endpoint.ValidationFailures;
    public bool HasValidationFailures => endpoint.ValidationFailed;
    public ExceptionDispatchInfo? ExceptionDispatchInfo { get; set; }
    public bool HasExceptionOccurred => ExceptionDispatchInfo is not null;
    object? IPreProcessorContext<object>.Request => UntypedRequest;
    object? IPostProcessorContext<object, object?>.Response => UntypedResponse;
    protected abstract object? UntypedRequest { get; }
    protected abstract object? UntypedResponse { get; }

    public void MarkExceptionAsHandled() => ExceptionDispatchInfo = null;
}

/// <summary>What the processors of one request are told.</summary>
sealed class ProcessorContext<TRequest, TResponse>(Endpoint<TRequest, TResponse> endpoint)
    : ProcessorContext(endpoint), IPostProcessorContext<TRequest, TResponse>
    where TRequest : notnull
{
    public TRequest? Request { get; set; }
    public TResponse? Response => endpoint.PendingResponse;
    protected override object? UntypedRequest => Request;
    protected override object? UntypedResponse => Response;
}
