using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace FastEndpoints.Swagger;

/// <summary>Makes the document of a host's endpoints.</summary>
sealed class DocumentGenerator
{
    const string Bearer = "JWTBearerAuth";

    readonly EndpointHost _host;
    readonly DocumentOptions _options;
    readonly OpenApiDocument _document = new() { Paths = [] };
    readonly SchemaBook _schemas;
    readonly Dictionary<string, string> _tagDescriptions = [];

    DocumentGenerator(EndpointHost host, DocumentOptions options)
    {
        var head = options.Document;
        (_host, _options, _schemas) = (host, options, new(_document, host, options.ShortSchemaNames));
        _document.Info = new() { Title = head.Title, Version = head.Version, Description = head.Description };
        options.TagDescriptions?.Invoke(_tagDescriptions);
        var jwt = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
        if (options.EnableJWTBearerAuth) _document.AddComponent(Bearer, jwt);
    }

    /// <summary>The document in OpenAPI 3.0, the version that upstream writes.</summary>
    internal static async Task<byte[]> GenerateAsync(IServiceProvider services, DocumentOptions options)
    {
        var generator = new DocumentGenerator(services.GetRequiredService<EndpointHost>(), options);
        var endpoints = services.GetRequiredService<EndpointDataSource>().Endpoints;
        foreach (var route in endpoints.Where(e => e.Metadata.GetMetadata<EndpointDefinition>() is not null))
            generator.Add((RouteEndpoint)route, route.Metadata.GetRequiredMetadata<EndpointDefinition>());
        using var json = new MemoryStream();
        await generator._document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_0);
        return json.ToArray();
    }

    void Add(RouteEndpoint route, EndpointDefinition definition)
    {
        var summary = definition.EndpointSummary ?? new();
        var verb = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
        var operation = new OpenApiOperation
        {
            OperationId = route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName,
            Summary = First(summary.Summary, _schemas.SummaryOf(definition.EndpointType)),
            Description = First(summary.Description),
            Parameters = [],
            Responses = [],
        };
        AddTag(operation, definition.Routes[0].Trim('/').Split('/'));
        AddRequest(operation, route.RoutePattern, definition.ReqDtoType, verb, summary);
        AddResponses(operation, route.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>(), summary);
        if (_options.EnableJWTBearerAuth && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, _document)] = [] }];

        // Parameters without their constraints and defaults, in which braces are doubled.
        var path = Regex.Replace(route.RoutePattern.RawText!, @"\{\**(\w+)(?:[^{}]|\{\{|\}\})*\}", "{$1}");
        if (!_document.Paths.ContainsKey(path)) _document.Paths[path] = new OpenApiPathItem();
        ((OpenApiPathItem)_document.Paths[path]).AddOperation(HttpMethod.Parse(verb), operation);
    }

    void AddTag(OpenApiOperation operation, string[] segments)
    {
        var segment = segments.ElementAtOrDefault(_options.AutoTagPathSegmentIndex - 1);
        if (string.IsNullOrEmpty(segment) || segment.StartsWith('{')) return;

        var name = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(segment);
        _document.Tags ??= new HashSet<OpenApiTag>();
        if (_document.Tags.All(t => t.Name != name))
            _document.Tags.Add(new() { Name = name, Description = _tagDescriptions.GetValueOrDefault(name) });
        operation.Tags = new HashSet<OpenApiTagReference> { new(name, _document) };
    }

    void AddRequest(OpenApiOperation operation, RoutePattern route, Type type, string verb, EndpointSummary summary)
    {
        var members = type.GetProperties().Where(p => p.SetMethod is { IsPublic: true }).ToList();
        var whole = members.Find(Has<FromBodyAttribute>);
        var takesBody = verb is "POST" or "PUT" or "PATCH" && type != typeof(EmptyRequest);
        var body = whole?.PropertyType ?? (takesBody ? type : null);
        var elsewhere = new List<string>();
        foreach (var member in members.Where(m => m != whole))
        {
            var header = member.GetCustomAttribute<FromHeaderAttribute>();
            var jsonName = _host.NameOf(member.Name);
            var name = header?.HeaderName ?? jsonName;
            var inRoute = header is null ? route.GetParameter(name) : null;
            var isHidden = Has<FromClaimAttribute>(member);
            if (body == type && !isHidden && inRoute is null && !Has<NonJsonBindingAttribute>(member)) continue;

            elsewhere.Add(jsonName);
            if (isHidden) continue;
            var schema = _schemas.Of(member.PropertyType);
            var isRequired = _schemas.ApplyRules(type, member.Name, schema);
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = inRoute?.Name ?? name,
                In = header is not null ? ParameterLocation.Header
                    : inRoute is not null ? ParameterLocation.Path : ParameterLocation.Query,
                Required = isRequired || inRoute is not null || header?.IsRequired == true,
                Description = First(summary.Params.GetValueOrDefault(member.Name), _schemas.SummaryOf(member)),
                Schema = schema,
            });
        }

        foreach (var name in route.Parameters.Select(p => p.Name).Except(operation.Parameters!.Select(p => p.Name!)))
        {
            var parameter = new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true };
            parameter.Schema = _schemas.Of(typeof(string));
            operation.Parameters!.Add(parameter);
        }

        var isEmpty = body == type && elsewhere.Count == members.Count;
        if (body is not null && !(isEmpty && _options.RemoveEmptyRequestSchema))
            AddBody(operation, body, body == type ? elsewhere : [], summary);
    }

    void AddBody(OpenApiOperation operation, Type body, List<string> elsewhere, EndpointSummary summary)
    {
        var schema = _schemas.Of(body);
        var example = summary.ExampleRequest?.GetType() == body ? ToJson(summary.ExampleRequest) : null;
        foreach (var name in elsewhere)
        {
            schema.Properties?.Remove(name);
            schema.Required?.Remove(name);
            (example as JsonObject)?.Remove(name);
        }

        foreach (var (name, member) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            member.Description = summary.Params.GetValueOrDefault(name) ?? member.Description;
        var content = new OpenApiMediaType { Schema = schema, Example = example };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = content },
        };
    }

    void AddResponses(
        OpenApiOperation operation, IEnumerable<IProducesResponseTypeMetadata> produced, EndpointSummary summary)
    {
        // What the endpoint says itself comes last and counts.
        var answers = produced.GroupBy(p => p.StatusCode).ToDictionary(g => g.Key, g => g.Last());
        foreach (var status in answers.Keys.Union(summary.Responses.Keys))
        {
            var text = First(summary.Responses.GetValueOrDefault(status), ReasonPhrases.GetReasonPhrase(status));
            var response = new OpenApiResponse { Description = text };
            operation.Responses![status.ToString(CultureInfo.InvariantCulture)] = response;
            var answer = answers.GetValueOrDefault(status);
            if (answer?.Type is not { } type || type == typeof(void)) continue;

            var example = summary.ResponseExamples.TryGetValue(status, out var value) ? ToJson(value) : null;
            var content = new OpenApiMediaType { Schema = _schemas.Of(type), Example = example };
            response.Content = answer.ContentTypes.ToDictionary(mediaType => mediaType, _ => content);
        }
    }

    JsonNode? ToJson(object value)
        => JsonSerializer.SerializeToNode(value, value.GetType(), _host.Config.Serializer.Options);

    static bool Has<T>(PropertyInfo member) where T : Attribute => member.IsDefined(typeof(T));

    static string? First(params string?[] texts) => Array.Find(texts, text => !string.IsNullOrWhiteSpace(text));
}
