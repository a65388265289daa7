using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastEndpoints.Swagger;

/// <summary>One route of an endpoint as the document shows it.</summary>
sealed class DocumentedRoute
{
    /// <summary>Stands for the missing tag, as the generator cannot do without one.</summary>
    internal const string NoTag = "-";

    static readonly EmptyModelMetadataProvider Metadata = new();

    readonly List<ApiParameterDescription> _parameters = [];
    readonly string _verb;
    readonly string _tag;

    internal DocumentedRoute(RouteEndpoint endpoint, DocumentOptions options)
    {
        Endpoint = endpoint;
        Definition = endpoint.Metadata.GetMetadata<EndpointDefinition>()!;
        _verb = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
        _tag = TagOf(Definition.Routes[0], options.AutoTagPathSegmentIndex);
        if (_verb is "POST" or "PUT" or "PATCH" && Definition.ReqDtoType != typeof(EmptyRequest))
            BodyType = Definition.ReqDtoType;

        var rest = 0;
        foreach (var property in Definition.ReqDtoType.GetProperties().Where(p => p.SetMethod is { IsPublic: true }))
        {
            if (property.IsDefined(typeof(FromBodyAttribute))) BodyType = property.PropertyType;
            else if (SourceOf(property, out var name) is { } source) Bind(property, name, source);
            else rest++;
        }

        foreach (var parameter in endpoint.RoutePattern.Parameters.Where(p => !Members.ContainsKey(p.Name)))
            _parameters.Add(Parameter(parameter.Name, typeof(string), BindingSource.Path, isRequired: true));
        if (rest == 0 && options.RemoveEmptyRequestSchema && BodyType == Definition.ReqDtoType) BodyType = null;
    }

    internal RouteEndpoint Endpoint { get; }

    internal EndpointDefinition Definition { get; }

    /// <summary>What the body holds; null when there is none.</summary>
    internal Type? BodyType { get; }

    /// <summary>The members that are not taken from the body.</summary>
    internal HashSet<string> NotInBody { get; } = [];

    /// <summary>The members that are parameters, by the name of the parameter.</summary>
    internal Dictionary<string, PropertyInfo> Members { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal bool IsAnonymous => Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    internal JsonSerializerOptions Json => Definition.Host.Config.Serializer.Options;

    internal static DocumentedRoute Of(ApiDescription description)
        => (DocumentedRoute)description.Properties[typeof(DocumentedRoute)];

    internal ApiDescription Describe()
    {
        var segments = Endpoint.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(Text)));
        var description = new ApiDescription
        {
            HttpMethod = _verb,
            RelativePath = string.Join('/', segments),
            // The generator tags operations that name no tags themselves by their "controller".
            ActionDescriptor = new()
            {
                EndpointMetadata = [.. Endpoint.Metadata],
                RouteValues = { ["controller"] = _tag },
            },
            Properties = { [typeof(DocumentedRoute)] = this },
        };
        foreach (var parameter in _parameters) description.ParameterDescriptions.Add(parameter);
        if (BodyType is not null)
        {
            description.ParameterDescriptions.Add(Parameter("", BodyType, BindingSource.Body, isRequired: true));
            description.SupportedRequestFormats.Add(new() { MediaType = "application/json" });
        }

        var answers = Endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().GroupBy(p => p.StatusCode);
        foreach (var answer in answers.Select(g => g.Last()))
        {
            var response = new ApiResponseType { StatusCode = answer.StatusCode, Type = answer.Type ?? typeof(void) };
            foreach (var type in answer.ContentTypes) response.ApiResponseFormats.Add(new() { MediaType = type });
            description.SupportedResponseTypes.Add(response);
        }

        return description;
    }

    internal string NameOf(string member) => Json.PropertyNamingPolicy?.ConvertName(member) ?? member;

    /// <summary>What a member of a record is when it is not given; null when nothing is said.</summary>
    internal object? DefaultOf(PropertyInfo member)
        => Definition.ReqDtoType.GetConstructors().SelectMany(c => c.GetParameters())
            .FirstOrDefault(p => p.Name == member.Name && p.HasDefaultValue)?.DefaultValue;

    /// <summary>Where a member comes from; null is the body.</summary>
    BindingSource? SourceOf(PropertyInfo property, out string name)
    {
        name = property.GetCustomAttribute<BindFromAttribute>()?.Name ?? NameOf(property.Name);
        if (property.IsDefined(typeof(HideFromDocsAttribute)) || property.IsDefined(typeof(FromClaimAttribute)))
            return BindingSource.Special;
        if (property.GetCustomAttribute<FromHeaderAttribute>() is { } header)
        {
            name = header.HeaderName ?? name;
            return BindingSource.Header;
        }

        if (property.IsDefined(typeof(RouteParamAttribute)) || Endpoint.RoutePattern.GetParameter(name) is not null)
            return BindingSource.Path;
        return property.IsDefined(typeof(QueryParamAttribute)) || BodyType is null ? BindingSource.Query : null;
    }

    void Bind(PropertyInfo property, string name, BindingSource source)
    {
        NotInBody.Add(property.Name);
        if (source == BindingSource.Special) return;
        name = source == BindingSource.Path ? Endpoint.RoutePattern.GetParameter(name)?.Name ?? name : name;
        Members[name] = property;
        var isRequired = source == BindingSource.Path
            || property.GetCustomAttribute<FromHeaderAttribute>()?.IsRequired == true;
        _parameters.Add(Parameter(name, property.PropertyType, source, isRequired));
    }

    static ApiParameterDescription Parameter(string name, Type type, BindingSource source, bool isRequired) => new()
    {
        Name = name,
        Type = type,
        Source = source,
        IsRequired = isRequired,
        ModelMetadata = Metadata.GetMetadataForType(type),
    };

    static string Text(RoutePatternPart part) => part switch
    {
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "",
    };

    static string TagOf(string route, int segment)
    {
        var segments = route.Trim('/').Split('/');
        return segment > 0 && segment <= segments.Length && !segments[segment - 1].StartsWith('{')
            ? CultureInfo.InvariantCulture.TextInfo.ToTitleCase(segments[segment - 1])
            : NoTag;
    }
}
