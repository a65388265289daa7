using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>The settings, endpoints and event handlers of one host, so that several can live in one process.</summary>
sealed class EndpointHost(EndpointDiscoveryOptions discovery, IServiceCollection registrations)
{
    static readonly AsyncLocal<EndpointHost?> Ambient = new();
    static EndpointHost? _last;

    readonly Dictionary<Type, object> _singletons = [];
    IServiceProvider _services = null!;

    /// <summary>Where events from outside of requests go: the host that started the caller, or the last one.</summary>
    internal static EndpointHost Current => Ambient.Value ?? Volatile.Read(ref _last)
        ?? throw new InvalidOperationException("Call UseFastEndpoints() first.");

    internal Config Config { get; } = new();
    internal List<EndpointDefinition> Definitions { get; } = [];
    internal EventBus Events { get; private set; } = null!;
    /// <summary>What requests are read with: without the members that have a source of their own.</summary>
    internal JsonSerializerOptions RequestOptions { get; private set; } = null!;

    internal void Start(IServiceProvider services, Action<Config>? configure)
    {
        _services = services;
        configure?.Invoke(Config);
        var options = Config.Serializer.Options;
        options.MakeReadOnly(populateMissingResolver: true);
        RequestOptions = new(options) { TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(HideFromBody) };

        var types = Discover();
        var validators = types.Where(t => BaseOf(t, typeof(Validator<>)) is not null)
            .ToDictionary(t => BaseOf(t, typeof(Validator<>))!.GenericTypeArguments[0]);
        foreach (var validator in validators.Values) Singleton(validator);
        Events = new EventBus(types, Singleton);
        var endpoints = types.Where(t => t.IsAssignableTo(typeof(BaseEndpoint)));
        Definitions.AddRange(endpoints.Select(t => Define(t, validators)));
        Ambient.Value = this;
        Volatile.Write(ref _last, this);
    }

    // A member with a source of its own stays, as a constructor may need it, under a name that no client can guess.
    static void HideFromBody(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(NonJsonBindingAttribute), true) != true) continue;
            property.Name = Guid.NewGuid().ToString();
            property.IsRequired = false;
            property.ShouldSerialize = (_, _) => false;
        }
    }

    List<Type> Discover()
    {
        Assembly[] assemblies = discovery.DisableAutoDiscovery ? [] : [Assembly.GetEntryAssembly()!];
        return [.. (discovery.Assemblies ?? assemblies).SelectMany(a => a.GetTypes())
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
            : throw new InvalidOperationException($"{type} declares no verb and route.");
    }

    static Type? BaseOf(Type? type, Type generic)
        => type is null || (type.IsGenericType && type.GetGenericTypeDefinition() == generic)
            ? type
            : BaseOf(type.BaseType, generic);

    internal IValidator? CreateValidator(Type? type) => type is null ? null : (IValidator)Singleton(type);

    /// <summary>The one instance of a type, which must not hold on to a scoped service.</summary>
    internal object Singleton(Type type)
    {
        if (_singletons.TryGetValue(type, out var made)) return made;
        foreach (var need in type.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.ParameterType))
        {
            var open = need.IsGenericType ? need.GetGenericTypeDefinition() : need;
            var found = registrations.LastOrDefault(r => r.ServiceType == need || r.ServiceType == open);
            if (found?.Lifetime == ServiceLifetime.Scoped)
                throw new InvalidOperationException($"{type} is a singleton and cannot take {need}, which is scoped.");
        }

        return _singletons[type] = ActivatorUtilities.CreateInstance(_services, type);
    }

    /// <summary>The path as failures show it: <c>Lines[0].Quantity</c> is <c>lines[0].quantity</c>.</summary>
    internal string NameOf(string? path)
        => Config.Serializer.Options.PropertyNamingPolicy is { } policy
            ? Regex.Replace(path ?? "", @"[^.[\]]+", name => policy.ConvertName(name.Value))
            : path ?? "";

    /// <summary>The name of one route of an endpoint; verb and number count only where there are several.</summary>
    internal string NameOf(EndpointDefinition definition, string? verb, int? routeNumber)
    {
        var context = new EndpointNameGenerationContext(
            definition.EndpointType,
            definition.Verbs.Length > 1 ? verb : null,
            definition.Routes.Length > 1 ? routeNumber ?? 0 : null);
        if (Config.Endpoints.NameGenerator is { } generate) return generate(context);
        var name = Config.Endpoints.ShortNames ? definition.EndpointType.Name : definition.EndpointType.FullName!;
        return context.HttpVerb + string.Concat(name.Split('.', '+')) + context.RouteNumber;
    }
}
