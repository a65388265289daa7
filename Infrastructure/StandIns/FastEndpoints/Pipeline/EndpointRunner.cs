using System.Reflection;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Takes requests through one endpoint: bind, validate, process, handle, send, process.</summary>
abstract class EndpointRunner
{
    /// <summary>Whether the request's type has members that come from nowhere but the body.</summary>
    internal abstract bool NeedsBody { get; }

    internal abstract Task RunAsync(HttpContext context);

    internal static EndpointRunner Create(EndpointDefinition definition) => (EndpointRunner)Activator.CreateInstance(
        typeof(EndpointRunner<,>).MakeGenericType(definition.ReqDtoType, definition.ResDtoType),
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null, [definition], null)!;
}

/// <inheritdoc />
sealed class EndpointRunner<TRequest, TResponse>(EndpointDefinition definition) : EndpointRunner
    where TRequest : notnull
{
    readonly EndpointHost _host = definition.Host;
    readonly RequestBinder<TRequest> _binder = new(definition);
    readonly IValidator? _validator = definition.Host.CreateValidator(definition.ValidatorType);
    readonly ObjectFactory _create = ActivatorUtilities.CreateFactory(definition.EndpointType, Type.EmptyTypes);
    readonly IPreProcessor<TRequest>[] _before =
        [.. definition.PreProcessors.Select(definition.Host.Singleton).Cast<IPreProcessor<TRequest>>()];
    readonly IPostProcessor<TRequest, TResponse>[] _after =
        [.. definition.PostProcessors.Select(definition.Host.Singleton).Cast<IPostProcessor<TRequest, TResponse>>()];

    internal override bool NeedsBody => _binder.NeedsBody;

    internal override async Task RunAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        if (NeedsBody && context.Request is { ContentType: null, Method: "POST" or "PUT" or "PATCH" }
            && context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("*/*") == false)
        {
            await context.Response.SendStatusAsync(StatusCodes.Status415UnsupportedMediaType, ct);
            return;
        }

        var endpoint = (Endpoint<TRequest, TResponse>)_create(context.RequestServices, null);
        if (endpoint is IAsyncDisposable later) context.Response.RegisterForDisposeAsync(later);
        else if (endpoint is IDisposable disposable) context.Response.RegisterForDispose(disposable);
        endpoint.Definition = definition;
        endpoint.HttpContext = context;
        var state = _before.Length + _after.Length > 0 ? new ProcessorContext<TRequest, TResponse>(endpoint) : null;
        try
        {
            await RunAsync(endpoint, state, ct);
        }
        catch (ValidationFailureException failed)
        {
            var status = failed.StatusCode ?? _host.Config.Errors.StatusCode;
            if (!context.ResponseStarted()) await endpoint.Send.ErrorsAsync(status, ct);
        }
        finally
        {
            foreach (var processor in _after) await processor.PostProcessAsync(state!, ct);
        }
    }

    async Task RunAsync(
        Endpoint<TRequest, TResponse> endpoint, ProcessorContext<TRequest, TResponse>? state, CancellationToken ct)
    {
        var context = endpoint.HttpContext;
        var request = await _binder.BindAsync(endpoint, ct);
        if (state is not null) state.Request = request;
        var isBound = !endpoint.ValidationFailed;
        if (isBound && _validator is not null)
        {
            var result = await _validator.ValidateAsync(new ValidationContext<TRequest>(request!), ct);
            foreach (var failure in result.Errors)
            {
                failure.PropertyName = _host.NameOf(failure.PropertyName);
                endpoint.ValidationFailures.Add(failure);
            }
        }

        foreach (var processor in _before) await processor.PreProcessAsync(state!, ct);
        if (_before.Length > 0 && context.ResponseStarted()) return;
        if (endpoint.ValidationFailed && (!isBound || definition.ThrowIfInvalid))
        {
            await endpoint.Send.ErrorsAsync(_host.Config.Errors.StatusCode, ct);
            return;
        }

        await endpoint.HandleAsync(request!, ct);
        if (context.ResponseStarted()) return;
        await (endpoint.Response is { } response
            ? context.Response.SendAsync(response, context.Response.StatusCode, null, ct)
            : context.Response.SendStatusAsync(StatusCodes.Status204NoContent, ct));
    }
}
