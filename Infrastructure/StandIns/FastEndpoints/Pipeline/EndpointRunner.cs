using System.Reflection;
using System.Runtime.ExceptionServices;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
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

    /// <summary>Learns from the finished route whether it takes requests without a content type.</summary>
    internal abstract void ReadMetadata(EndpointBuilder route);

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
    readonly object[] _before = Instances(definition.PreProcessorList, definition.Host);
    readonly object[] _after = Instances(definition.PostProcessorList, definition.Host);
    bool _needsContentType;

    static object[] Instances(List<object> list, EndpointHost host)
        => [.. list.Select(x => x is Type type ? host.Singleton(type) : x)];

    internal override bool NeedsBody => _binder.NeedsBody;

    internal override void ReadMetadata(EndpointBuilder route)
        => _needsContentType |= NeedsBody && route.Metadata.OfType<IAcceptsMetadata>().LastOrDefault() is { } accepts
            && !accepts.ContentTypes.Contains("*/*");

    internal override async Task RunAsync(HttpContext context)
    {
        if (_needsContentType && context.Request is { ContentType: null, Method: "POST" or "PUT" or "PATCH" })
        {
            await context.Response.SendStatusAsync(StatusCodes.Status415UnsupportedMediaType, default);
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
            await RunAsync(endpoint, state, context.RequestAborted);
        }
        catch (ValidationFailureException failed)
        {
            if (!endpoint.ValidationFailed) endpoint.ValidationFailures.AddRange(failed.Failures);
            var status = failed.StatusCode ?? _host.Config.Errors.StatusCode;
            if (!context.ResponseStarted()) await endpoint.Send.ErrorsAsync(status, context.RequestAborted);
        }
        catch (Exception e) when (_after.Length > 0)
        {
            state!.ExceptionDispatchInfo = ExceptionDispatchInfo.Capture(e);
        }

        foreach (var processor in _after)
        {
            await (processor is IPostProcessor<TRequest, TResponse> typed
                ? typed.PostProcessAsync(state!, context.RequestAborted)
                : ((IGlobalPostProcessor)processor).PostProcessAsync(state!, context.RequestAborted));
        }

        state?.ExceptionDispatchInfo?.Throw();
    }

    async Task RunAsync(
        Endpoint<TRequest, TResponse> endpoint, ProcessorContext<TRequest, TResponse>? state, CancellationToken ct)
    {
        var context = endpoint.HttpContext;
        var request = await _binder.BindAsync(endpoint, ct);
        if (context.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType) return;
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

        foreach (var processor in _before)
        {
            await (processor is IPreProcessor<TRequest> typed
                ? typed.PreProcessAsync(state!, ct)
                : ((IGlobalPreProcessor)processor).PreProcessAsync(state!, ct));
        }

        if (_before.Length > 0 && context.ResponseStarted()) return;
        if (endpoint.ValidationFailed && (!isBound || definition.ThrowIfInvalid))
        {
            await endpoint.Send.ErrorsAsync(_host.Config.Errors.StatusCode, ct);
            return;
        }

        await endpoint.HandleAsync(request!, ct);
        if (context.ResponseStarted()) return;
        await (endpoint.PendingResponse is { } response
            ? context.Response.SendAsync(response, context.Response.StatusCode, null, ct)
            : context.Response.SendStatusAsync(StatusCodes.Status204NoContent, ct));
    }
}
