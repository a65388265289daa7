using System.Runtime.ExceptionServices;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Takes a request through one endpoint: bind, validate, process, handle, send, process.</summary>
abstract class EndpointRunner
{
    /// <summary>Whether the request's type has members that come from nowhere but the body.</summary>
    internal abstract bool NeedsBody { get; }

    internal abstract Task RunAsync(HttpContext context);

    /// <summary>Learns from the finished route whether it takes requests without a content type.</summary>
    internal abstract void ReadMetadata(EndpointBuilder route);

    internal static EndpointRunner Create(EndpointDefinition definition, HashSet<string> routeParameters)
        => (EndpointRunner)Activator.CreateInstance(
            typeof(EndpointRunner<,>).MakeGenericType(definition.ReqDtoType, definition.ResDtoType),
            definition,
            routeParameters)!;
}

/// <inheritdoc />
sealed class EndpointRunner<TRequest, TResponse> : EndpointRunner
    where TRequest : notnull
{
    readonly EndpointDefinition _definition;
    readonly EndpointHost _host;
    readonly RequestBinder<TRequest> _binder;
    readonly IValidator<TRequest>? _validator;
    readonly ObjectFactory _create;
    readonly object[] _preProcessors;
    readonly object[] _postProcessors;
    readonly bool _disposable;
    bool _needsContentType;

    public EndpointRunner(EndpointDefinition definition, HashSet<string> routeParameters)
    {
        _definition = definition;
        _host = definition.Host;
        _binder = new RequestBinder<TRequest>(definition, routeParameters);
        _validator = (IValidator<TRequest>?)_host.CreateValidator(definition.ValidatorType);
        _create = ActivatorUtilities.CreateFactory(definition.EndpointType, Type.EmptyTypes);
        _preProcessors = [.. definition.PreProcessorList.Select(_host.Processor)];
        _postProcessors = [.. definition.PostProcessorList.Select(_host.Processor)];
        _disposable = definition.EndpointType.IsAssignableTo(typeof(IDisposable))
            || definition.EndpointType.IsAssignableTo(typeof(IAsyncDisposable));
    }

    internal override bool NeedsBody => _binder.NeedsBody;

    internal override void ReadMetadata(EndpointBuilder route)
        => _needsContentType |= route.Metadata.OfType<IAcceptsMetadata>().LastOrDefault() is { } accepts
            && !accepts.ContentTypes.Contains("*/*");

    internal override async Task RunAsync(HttpContext context)
    {
        if (_needsContentType && _binder.NeedsBody && context.Request.ContentType is null
            && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.SendStatusAsync(StatusCodes.Status415UnsupportedMediaType, default);
            return;
        }

        var endpoint = (Endpoint<TRequest, TResponse>)_create(context.RequestServices, null);
        if (_disposable) Register(context, endpoint);
        endpoint.Definition = _definition;
        endpoint.HttpContext = context;
        var state = new ProcessorContext<TRequest, TResponse>(endpoint);
        try
        {
            await HandleAsync(endpoint, state, context.RequestAborted);
        }
        catch (ValidationFailureException failed)
        {
            if (!endpoint.ValidationFailed) endpoint.ValidationFailures.AddRange(failed.Failures);
            if (!context.ResponseStarted())
                await endpoint.Send.ErrorsAsync(failed.StatusCode ?? _host.Config.Errors.StatusCode, context.RequestAborted);
        }
        catch (Exception e) when (_postProcessors.Length > 0)
        {
            state.ExceptionDispatchInfo = ExceptionDispatchInfo.Capture(e);
        }

        if (_postProcessors.Length > 0) await PostProcessAsync(state, context.RequestAborted);
        state.ExceptionDispatchInfo?.Throw();
    }

    async Task HandleAsync(
        Endpoint<TRequest, TResponse> endpoint, ProcessorContext<TRequest, TResponse> state, CancellationToken ct)
    {
        var context = endpoint.HttpContext;
        var request = await _binder.BindAsync(endpoint, ct);
        if (request is null && !endpoint.ValidationFailed) return;
        state.Request = request;
        var unbound = endpoint.ValidationFailed;
        if (!unbound && _validator is not null) await ValidateAsync(endpoint, request!, ct);
        if (_preProcessors.Length > 0)
        {
            await PreProcessAsync(state, ct);
            if (context.ResponseStarted()) return;
        }

        if (endpoint.ValidationFailed && (unbound || _definition.ThrowIfValidationFails))
        {
            await endpoint.Send.ErrorsAsync(_host.Config.Errors.StatusCode, ct);
            return;
        }

        await endpoint.HandleAsync(request!, ct);
        if (!_definition.AutoSend || context.ResponseStarted()) return;
        if (endpoint.PendingResponse is { } response)
            await context.Response.SendAsync(response, context.Response.StatusCode, null, ct);
        else
            await context.Response.SendStatusAsync(StatusCodes.Status204NoContent, ct);
    }

    async ValueTask ValidateAsync(Endpoint<TRequest, TResponse> endpoint, TRequest request, CancellationToken ct)
    {
        var result = await _validator!.ValidateAsync(request, ct);
        if (result.IsValid) return;
        foreach (var failure in result.Errors)
        {
            failure.PropertyName = _host.NameOf(failure.PropertyName);
            endpoint.ValidationFailures.Add(failure);
        }
    }

    async Task PreProcessAsync(ProcessorContext<TRequest, TResponse> state, CancellationToken ct)
    {
        foreach (var processor in _preProcessors)
        {
            await (processor is IPreProcessor<TRequest> typed
                ? typed.PreProcessAsync(state, ct)
                : ((IGlobalPreProcessor)processor).PreProcessAsync(state.Global, ct));
        }
    }

    async Task PostProcessAsync(ProcessorContext<TRequest, TResponse> state, CancellationToken ct)
    {
        foreach (var processor in _postProcessors)
        {
            await (processor is IPostProcessor<TRequest, TResponse> typed
                ? typed.PostProcessAsync(state, ct)
                : ((IGlobalPostProcessor)processor).PostProcessAsync(state.Global, ct));
        }
    }

    static void Register(HttpContext context, object endpoint)
    {
        if (endpoint is IAsyncDisposable later) context.Response.RegisterForDisposeAsync(later);
        else context.Response.RegisterForDispose((IDisposable)endpoint);
    }
}

/// <summary>What the processors of one request are told.</summary>
sealed class ProcessorContext<TRequest, TResponse>(Endpoint<TRequest, TResponse> endpoint)
    : IPostProcessorContext<TRequest, TResponse>
    where TRequest : notnull
{
    GlobalProcessorContext<TRequest, TResponse>? _global;

    public TRequest? Request { get; set; }

    public HttpContext HttpContext => endpoint.HttpContext;

    public List<ValidationFailure> ValidationFailures => endpoint.ValidationFailures;

    public bool HasValidationFailures => endpoint.ValidationFailed;

    public TResponse? Response => endpoint.PendingResponse;

    public ExceptionDispatchInfo? ExceptionDispatchInfo { get; set; }

    public bool HasExceptionOccurred => ExceptionDispatchInfo is not null;

    internal GlobalProcessorContext<TRequest, TResponse> Global => _global ??= new(this);

    public void MarkExceptionAsHandled() => ExceptionDispatchInfo = null;
}

/// <summary>The same for processors that know no types.</summary>
sealed class GlobalProcessorContext<TRequest, TResponse>(ProcessorContext<TRequest, TResponse> context)
    : IPostProcessorContext
    where TRequest : notnull
{
    public object? Request => context.Request;

    public HttpContext HttpContext => context.HttpContext;

    public List<ValidationFailure> ValidationFailures => context.ValidationFailures;

    public bool HasValidationFailures => context.HasValidationFailures;

    public object? Response => context.Response;

    public ExceptionDispatchInfo? ExceptionDispatchInfo => context.ExceptionDispatchInfo;

    public bool HasExceptionOccurred => context.HasExceptionOccurred;

    public void MarkExceptionAsHandled() => context.MarkExceptionAsHandled();
}
