using System.Reflection;
using System.Text.Json;
using FluentValidation.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Adds endpoints to a host.</summary>
public static class MainExtensions
{
    /// <summary>Registers what endpoints need, and says where they are looked for.</summary>
    public static IServiceCollection AddFastEndpoints(
        this IServiceCollection services, Action<EndpointDiscoveryOptions>? options = null)
    {
        var discovery = new EndpointDiscoveryOptions();
        options?.Invoke(discovery);
        return services.AddSingleton(new EndpointHost(discovery, services));
    }

    /// <summary>Finds the endpoints, their validators and the event handlers, and maps their routes.</summary>
    public static WebApplication UseFastEndpoints(this WebApplication app, Action<Config>? configAction = null)
    {
        var host = app.Services.GetRequiredService<EndpointHost>();
        host.Start(app.Services, configAction);
        EndpointMapper.Map(app, host);
        return app;
    }
}

/// <summary>Where endpoints, validators and event handlers are looked for.</summary>
public sealed class EndpointDiscoveryOptions
{
    /// <summary>The assemblies to scan; when none is given, the entry assembly.</summary>
    public IEnumerable<Assembly>? Assemblies { get; set; }
    /// <summary>Leaves the entry assembly out even when no other is given.</summary>
    public bool DisableAutoDiscovery { get; set; }
    /// <summary>Which of the types found are taken.</summary>
    public Func<Type, bool>? Filter { get; set; }
}

/// <summary>The settings of one host.</summary>
public sealed class Config
{
    /// <summary>Routes and names.</summary>
    public EndpointOptions Endpoints { get; } = new();
    /// <summary>Versions in routes.</summary>
    public VersioningOptions Versioning { get; } = new();
    /// <summary>What is answered to bad requests.</summary>
    public ErrorOptions Errors { get; } = new();
    /// <summary>JSON.</summary>
    public SerializerOptions Serializer { get; } = new();
    /// <summary>From requests to their types.</summary>
    public BindingOptions Binding { get; } = new();
    /// <summary>Claims.</summary>
    public SecurityOptions Security { get; } = new();
}

/// <summary>Routes and names.</summary>
public sealed class EndpointOptions
{
    /// <summary>What all routes begin with.</summary>
    public string? RoutePrefix { get; set; }
    /// <summary>Names endpoints by their type's name without its namespace.</summary>
    public bool ShortNames { get; set; }
    /// <summary>Runs for each endpoint after its own configuration.</summary>
    public Action<EndpointDefinition>? Configurator { get; set; }
    /// <summary>Names each route of each endpoint.</summary>
    public Func<EndpointNameGenerationContext, string>? NameGenerator { get; set; }
}

/// <summary>What a route is named by; verb and number only when the endpoint has more than one.</summary>
public readonly record struct EndpointNameGenerationContext(Type EndpointType, string? HttpVerb, int? RouteNumber);

/// <summary>Versions in routes.</summary>
public sealed class VersioningOptions
{
    /// <summary>What comes before the number; <c>v</c> unless set.</summary>
    public string? Prefix { get; set; }
    /// <summary>The version of endpoints that name none; 0 puts none into their routes.</summary>
    public int DefaultVersion { get; set; }
    /// <summary>Whether the version comes before the endpoint's own route; after it unless set.</summary>
    public bool? PrependToRoute { get; set; }
}

/// <summary>What is answered to bad requests.</summary>
public sealed class ErrorOptions
{
    /// <summary>The status.</summary>
    public int StatusCode { get; set; } = 400;
    /// <summary>The media type.</summary>
    public string ContentType { get; set; } = "application/problem+json";
    /// <summary>Makes the body.</summary>
    public Func<IReadOnlyList<ValidationFailure>, HttpContext, int, object> ResponseBuilder { get; set; }
        = (failures, _, statusCode) => new ErrorResponse(statusCode, "One or more errors occurred!", failures
            .GroupBy(f => f.PropertyName).ToDictionary(g => g.Key, g => g.Select(f => f.ErrorMessage).ToList()));
}

/// <summary>The body of a bad request's answer unless another is set; the errors by member.</summary>
public sealed record ErrorResponse(int StatusCode, string Message, Dictionary<string, List<string>> Errors);

/// <summary>JSON.</summary>
public sealed class SerializerOptions
{
    /// <summary>How requests are read and responses written.</summary>
    public JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);
}

/// <summary>From requests to their types.</summary>
public sealed class BindingOptions
{
    /// <summary>What to say of JSON that cannot be read; unless set, a failure in <c>serializerErrors</c>.</summary>
    public Func<JsonException, ValidationFailure>? JsonExceptionTransformer { get; set; }
}

/// <summary>Claims.</summary>
public sealed class SecurityOptions
{
    /// <summary>The claim that holds a role.</summary>
    public string RoleClaimType { get; set; } = "role";
}
