using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FastEndpoints;

/// <summary>The settings, endpoints and event handlers of one host, so that several can live in one process.</summary>
sealed class EndpointHost(EndpointDiscoveryOptions discovery, IServiceCollection registrations)
{
    internal const string GeneralErrors = "generalErrors";
    const int LargestBufferKept = 256 * 1024;
    const int BuffersKept = 64;

    static readonly AsyncLocal<EndpointHost?> Ambient = new();
    static EndpointHost? _last;

    readonly ConcurrentQueue<JsonBuffer> _buffers = new();
    readonly Dictionary<Type, object> _singletons = [];
    IServiceProvider? _services;

    /// <summary>
    /// Where events go that are published outside of a request: the host that started the caller, else the last one.
    /// </summary>
    internal static EndpointHost Current => Ambient.Value ?? Volatile.Read(ref _last)
        ?? throw new InvalidOperationException("Call UseFastEndpoints() first.");

    internal Config Config { get; } = new();
    internal List<EndpointDefinition> Definitions { get; } = [];
    internal EventBus Events { get; private set; } = null!;
    internal string ErrorContentType { get; private set; } = "";
    /// <summary>What requests are read with: without the members that have a source of their own.</summary>
    internal JsonSerializerOptions RequestOptions { get; private set; } = null!;

    internal void Start(IServiceProvider services, Action<Config>? configure)
    {
        if (_services is not null) throw new InvalidOperationException("UseFastEndpoints() was called twice.");
        _services = services;
        Config.Serializer.Options = new(services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        configure?.Invoke(Config);
        ErrorContentType = Config.Errors.ContentType + "; charset=utf-8";
        var options = Config.Serializer.Options;
        options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        RequestOptions = new(options);
        RequestOptions.TypeInfoResolver = options.TypeInfoResolver.WithAddedModifier(BodyContract.Exclude);

        var types = Discover();
        var validators = new Dictionary<Type, Type>();
        foreach (var type in types)
        {
            if (BaseOf(type, typeof(Validator<>))?.GenericTypeArguments[0] is not { } request) continue;
            if (!validators.TryAdd(request, type))
                throw new InvalidOperationException($"{request} has two validators: {validators[request]} and {type}.");
            Singleton(type);
        }

        Events = new EventBus(types.Where(t => t.GetInterfaces().Any(EventBus.IsHandler)), Singleton);
        var endpoints = types.Where(t => t.IsAssignableTo(typeof(BaseEndpoint)));
        Definitions.AddRange(endpoints.Select(t => Define(t, validators)));
        Ambient.Value = this;
        Volatile.Write(ref _last, this);
    }

    List<Type> Discover()
    {
        Assembly[] assemblies = [.. discovery.Assemblies?.Distinct() ?? []];
        if (assemblies.Length == 0 && !discovery.DisableAutoDiscovery) assemblies = [Assembly.GetEntryAssembly()!];
        return [.. assemblies.SelectMany(a => a.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false })
            .Where(t => discovery.Filter?.Invoke(t) != false)];
    }

    EndpointDefinition Define(Type type, Dictionary<Type, Type> validators)
    {
        var contract = BaseOf(type, typeof(Endpoint<,>))!.GenericTypeArguments;
        var definition = new EndpointDefinition(this, type, contract[0], contract[1])
        {
            ValidatorType = validators.GetValueOrDefault(contract[0]),
        };

        // Configure() needs no services; making them here would start half of the application before it is configured.
        var instance = (BaseEndpoint)RuntimeHelpers.GetUninitializedObject(type);
        instance.Definition = definition;
        instance.Configure();
        Config.Endpoints.Configurator?.Invoke(definition);
        return definition.Verbs.Length > 0 && definition.Routes.Length > 0
            ? definition
            : throw new InvalidOperationException($"{type.FullName} declares no verb and route.");
    }

    static Type? BaseOf(Type? type, Type generic)
        => type is null || (type.IsGenericType && type.GetGenericTypeDefinition() == generic)
            ? type
            : BaseOf(type.BaseType, generic);

    internal IValidator? CreateValidator(Type? type) => type is null ? null : (IValidator)Singleton(type);

    /// <summary>The one instance of a type.</summary>
    internal object Singleton(Type type)
    {
        if (_singletons.TryGetValue(type, out var made)) return made;
        if (ScopedNeedOf(type, []) is { } scoped)
            throw new InvalidOperationException($"{type} is a singleton and cannot take the scoped service {scoped}.");
        return _singletons[type] = ActivatorUtilities.CreateInstance(_services!, type);
    }

    /// <summary>The scoped service that a singleton would hold on to, itself or through a transient one.</summary>
    Type? ScopedNeedOf(Type type, HashSet<Type> seen)
    {
        foreach (var need in type.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.ParameterType))
        {
            if (!seen.Add(need)) continue;
            var open = need.IsGenericType ? need.GetGenericTypeDefinition() : need;
            var found = registrations.LastOrDefault(r => !r.IsKeyedService && r.ServiceType == need)
                ?? registrations.LastOrDefault(r => !r.IsKeyedService && r.ServiceType == open);
            if (found?.Lifetime == ServiceLifetime.Scoped) return need;
            if (found is { Lifetime: ServiceLifetime.Transient, ImplementationType: { } implementation }
                && ScopedNeedOf(implementation, seen) is { } further)
                return further;
        }

        return null;
    }

    /// <summary>The path as failures show it: <c>Lines[0].Quantity</c> is <c>lines[0].quantity</c>.</summary>
    internal string NameOf(string? path)
        => Config.Serializer.Options.PropertyNamingPolicy is not { } policy || path is null
            ? path ?? ""
            : string.Join('.', path.Split('.').Select(segment => segment.IndexOf('[', StringComparison.Ordinal) switch
            {
                > 0 and var bracket => policy.ConvertName(segment[..bracket]) + segment[bracket..],
                _ => policy.ConvertName(segment),
            }));

    internal string NameOf(Type endpointType, Http? verb, int? routeNumber)
        => NameOf(Definitions.Single(d => d.EndpointType == endpointType), verb?.ToString(), routeNumber);

    /// <summary>The name of one route of an endpoint; verb and number count only where there are several.</summary>
    internal string NameOf(EndpointDefinition definition, string? verb, int? routeNumber)
    {
        var context = new EndpointNameGenerationContext(
            definition.EndpointType,
            definition.Verbs.Length > 1 ? verb : null,
            definition.Routes.Length > 1 ? routeNumber ?? 0 : null,
            definition.EndpointTags?.FirstOrDefault());
        if (Config.Endpoints.NameGenerator is { } generate) return generate(context);
        var name = Config.Endpoints.ShortNames ? definition.EndpointType.Name : definition.EndpointType.FullName!;
        return context.HttpVerb + string.Concat(name.Split('.', '+')) + context.RouteNumber;
    }

    internal JsonBuffer RentBuffer() => _buffers.TryDequeue(out var buffer) ? buffer : new(Config.Serializer.Options);

    internal void Return(JsonBuffer buffer)
    {
        buffer.Memory.ResetWrittenCount();
        buffer.Writer.Reset();
        if (buffer.Memory.Capacity <= LargestBufferKept && _buffers.Count < BuffersKept) _buffers.Enqueue(buffer);
    }
}
