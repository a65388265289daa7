using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FastEndpoints;

/// <summary>
/// All that belongs to one host: its settings, endpoints and event handlers. Nothing is static, so that several hosts can
/// live in one process.
/// </summary>
sealed class EndpointHost(EndpointDiscoveryOptions discovery, IServiceCollection registrations)
{
    const int LargestBufferKept = 256 * 1024;
    static readonly AsyncLocal<EndpointHost?> Ambient = new();
    static EndpointHost? _last;

    readonly ConcurrentQueue<JsonBuffer> _buffers = new();
    readonly Dictionary<Type, object> _processors = [];

    /// <summary>
    /// The host that publishing outside of a request goes to: the one whose start-up the caller descends from, else the
    /// last one started.
    /// </summary>
    internal static EndpointHost Current
        => Ambient.Value ?? Volatile.Read(ref _last) ?? throw new InvalidOperationException("Call UseFastEndpoints() first.");

    internal Config Config { get; } = new();

    internal List<EndpointDefinition> Definitions { get; } = [];

    internal EventBus Events { get; private set; } = null!;

    /// <summary>What requests are read with: members that have a source of their own are not taken from the body.</summary>
    internal JsonSerializerOptions RequestOptions { get; private set; } = null!;

    internal string ErrorContentType { get; private set; } = null!;

    IServiceProvider Services { get; set; } = null!;

    internal void Start(IServiceProvider services, Action<Config>? configure)
    {
        if (Services is not null) throw new InvalidOperationException("UseFastEndpoints() was called twice.");
        Services = services;
        if (services.GetService<IOptions<JsonOptions>>() is { } json)
            Config.Serializer.Options = new(json.Value.SerializerOptions);
        configure?.Invoke(Config);
        ErrorContentType = Config.Errors.ContentType + "; charset=utf-8";

        var options = Config.Serializer.Options;
        options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        RequestOptions = new(options) { TypeInfoResolver = options.TypeInfoResolver.WithAddedModifier(BodyContract.Exclude) };

        var types = Discover();
        var validators = FindValidators(types);
        Events = new EventBus(types.Where(t => t.GetInterfaces().Any(EventBus.IsHandler)), Create);
        foreach (var type in types.Where(t => t.IsAssignableTo(typeof(BaseEndpoint)))) Definitions.Add(Define(type, validators));

        Ambient.Value = this;
        Volatile.Write(ref _last, this);
    }

    List<Type> Discover()
    {
        IEnumerable<Assembly> assemblies = discovery.Assemblies?.Distinct().ToArray() switch
        {
            { Length: > 0 } given => given,
            _ when discovery.DisableAutoDiscovery => [],
            _ => [Assembly.GetEntryAssembly()!],
        };
        return [.. assemblies.SelectMany(a => a.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false })
            .Where(t => discovery.Filter?.Invoke(t) != false)];
    }

    static Dictionary<Type, Type> FindValidators(List<Type> types)
    {
        var validators = new Dictionary<Type, Type>();
        foreach (var type in types)
        {
            if (BaseOf(type, typeof(Validator<>))?.GetGenericArguments()[0] is not { } request) continue;
            if (!validators.TryAdd(request, type))
                throw new InvalidOperationException($"{request.FullName} has two validators: {validators[request].FullName}, {type.FullName}.");
        }

        return validators;
    }

    EndpointDefinition Define(Type type, Dictionary<Type, Type> validators)
    {
        var contract = BaseOf(type, typeof(Endpoint<,>))?.GetGenericArguments()
            ?? throw new InvalidOperationException($"{type.FullName} derives from none of the Endpoint<> types.");
        var definition = new EndpointDefinition(this, type, contract[0], contract[1])
        {
            ValidatorType = validators.GetValueOrDefault(contract[0]),
        };

        // Configure() needs no services; making them here would start half of the application before it is configured.
        var instance = (BaseEndpoint)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        instance.Definition = definition;
        instance.Configure();
        Config.Endpoints.Configurator?.Invoke(definition);
        if (definition.Verbs.Length == 0 || definition.Routes.Length == 0)
            throw new InvalidOperationException($"{type.FullName} declares no verb and route.");
        return definition;
    }

    internal static Type? BaseOf(Type? type, Type generic)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == generic) return type;
        }

        return null;
    }

    internal IValidator? CreateValidator(Type? type) => type is null ? null : (IValidator)Create(type);

    /// <summary>The one instance of a processor, or the processor itself.</summary>
    internal object Processor(object typeOrInstance)
    {
        if (typeOrInstance is not Type type) return typeOrInstance;
        if (!_processors.TryGetValue(type, out var processor)) _processors[type] = processor = Create(type);
        return processor;
    }

    object Create(Type type)
    {
        if (ScopedNeedOf(type, []) is { } scoped)
            throw new InvalidOperationException($"{type.FullName} is a singleton and cannot take the scoped service {scoped}.");
        return ActivatorUtilities.CreateInstance(Services, type);
    }

    /// <summary>The scoped service that a singleton of that type would hold on to, itself or through a transient one.</summary>
    Type? ScopedNeedOf(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type)) return null;
        foreach (var parameter in type.GetConstructors().SelectMany(c => c.GetParameters()))
        {
            var need = parameter.ParameterType;
            var definition = need.IsGenericType ? need.GetGenericTypeDefinition() : need;
            var registration = registrations.LastOrDefault(r => !r.IsKeyedService && r.ServiceType == need)
                ?? registrations.LastOrDefault(r => !r.IsKeyedService && r.ServiceType == definition);
            if (registration?.Lifetime == ServiceLifetime.Scoped) return need;
            if (registration is { Lifetime: ServiceLifetime.Transient, ImplementationType: { } implementation }
                && ScopedNeedOf(implementation, seen) is { } further)
                return further;
        }

        return null;
    }

    /// <summary>The path as failures show it: <c>Lines[0].Quantity</c> is <c>lines[0].quantity</c>.</summary>
    internal string NameOf(string path)
    {
        if (!Config.Validation.UsePropertyNamingPolicy || path.Length == 0) return path;
        if (Config.Serializer.Options.PropertyNamingPolicy is not { } policy) return path;
        var result = new StringBuilder(path.Length);
        foreach (var range in path.AsSpan().Split('.'))
        {
            if (result.Length > 0) result.Append('.');
            var segment = path[range];
            var bracket = segment.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? segment : segment[..bracket];
            if (name.Length > 0) result.Append(policy.ConvertName(name));
            if (bracket >= 0) result.Append(segment, bracket, segment.Length - bracket);
        }

        return result.ToString();
    }

    internal string NameOf(Type endpointType, Http? verb, int? routeNumber)
        => NameOf(Definitions.Find(d => d.EndpointType == endpointType)
            ?? throw new InvalidOperationException($"{endpointType.FullName} is no endpoint of this host."), verb?.ToString(), routeNumber);

    /// <summary>The name of one route of an endpoint; verb and number count only where there are several.</summary>
    internal string NameOf(EndpointDefinition definition, string? verb, int? routeNumber)
    {
        var context = new EndpointNameGenerationContext(
            definition.EndpointType,
            definition.Verbs.Length > 1 ? verb : null,
            definition.Routes.Length > 1 ? routeNumber ?? 0 : null,
            definition.EndpointTags?.FirstOrDefault());
        if (Config.Endpoints.NameGenerator is { } generate) return generate(context);
        var name = Config.Endpoints.ShortNames
            ? definition.EndpointType.Name
            : definition.EndpointType.FullName!.Replace(".", "", StringComparison.Ordinal).Replace("+", "", StringComparison.Ordinal);
        return context.HttpVerb + name + context.RouteNumber;
    }

    internal JsonBuffer RentBuffer() => _buffers.TryDequeue(out var buffer) ? buffer : new(Config.Serializer.Options);

    internal void Return(JsonBuffer buffer)
    {
        if (buffer.Capacity > LargestBufferKept || _buffers.Count >= 64) return;
        buffer.Reset();
        _buffers.Enqueue(buffer);
    }
}
