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
}

/// <summary>What a processor after the response is told.</summary>
public interface IPostProcessorContext<out TRequest, out TResponse> : IPreProcessorContext<TRequest>
{
    /// <summary>What was answered, as far as the endpoint's <c>Response</c> or <c>Send</c> know.</summary>
    TResponse? Response { get; }
}

/// <summary>Runs before the handler, also when the request is not valid; having answered, it replaces it.</summary>
public interface IPreProcessor<in TRequest>
{
    /// <summary>Looks at the request.</summary>
    Task PreProcessAsync(IPreProcessorContext<TRequest> context, CancellationToken ct);
}

/// <summary>Runs after the response, also when it was an error, and after a handler that has thrown.</summary>
public interface IPostProcessor<in TRequest, in TResponse>
{
    /// <summary>Looks at the outcome.</summary>
    Task PostProcessAsync(IPostProcessorContext<TRequest, TResponse> context, CancellationToken ct);
}

/// <summary>What the processors of one request are told.</summary>
sealed class ProcessorContext<TRequest, TResponse>(Endpoint<TRequest, TResponse> endpoint)
    : IPostProcessorContext<TRequest, TResponse>
    where TRequest : notnull
{
    public TRequest? Request { get; set; }
    public TResponse? Response => endpoint.Response;
    public HttpContext HttpContext => endpoint.HttpContext;
    public List<ValidationFailure> ValidationFailures => endpoint.ValidationFailures;
}
