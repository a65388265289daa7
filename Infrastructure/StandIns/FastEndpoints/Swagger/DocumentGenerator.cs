using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;

namespace FastEndpoints.Swagger;

/// <summary>
/// Makes the document of a host's endpoints with Microsoft.AspNetCore.OpenApi, in a container of its own: the generator
/// takes JSON settings and routes from its container, and the endpoints' are not those of the application.
/// </summary>
sealed class DocumentGenerator(IServiceProvider application, DocumentOptions options)
{
    const string Bearer = "JWTBearerAuth";

    readonly HashSet<Type> _requestTypes = [];
    readonly RuleBook _rules = new();
    readonly SchemaNames _names = new();
    readonly XmlSummaries _xml = new();

    internal async Task<byte[]> GenerateAsync()
    {
        var routes = application.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<EndpointDefinition>() is not null)
            .Select(e => new DocumentedRoute(e, options))
            .ToList();
        foreach (var route in routes.Where(r => r.BodyType is not null)) AddRequestType(route.BodyType!, route.Json);
        foreach (var definition in routes.Select(r => r.Definition).Distinct())
        {
            if (definition.Host.CreateValidator(definition.ValidatorType) is { } validator) _rules.Add(validator);
            if (!options.ShortSchemaNames) _names.Qualify(definition.EndpointType.Namespace);
        }

        var name = options.Document.DocumentName;
        var services = new ServiceCollection().AddLogging()
            .AddSingleton(application.GetRequiredService<IHostEnvironment>())
            .AddSingleton<IApiDescriptionGroupCollectionProvider>(new Descriptions(routes))
            .Configure<JsonOptions>(o => Copy(routes.FirstOrDefault()?.Json, o.SerializerOptions))
            .AddOpenApi(name, o => Configure(o, routes));
        await using var container = services.BuildServiceProvider();
        var document = await container.GetRequiredKeyedService<IOpenApiDocumentProvider>(name.ToLowerInvariant())
            .GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_0);
        return json.ToArray();
    }

    static void Copy(JsonSerializerOptions? from, JsonSerializerOptions to)
    {
        if (from is null) return;
        foreach (var property in typeof(JsonSerializerOptions).GetProperties())
        {
            if (property.CanWrite && !property.IsDefined(typeof(ObsoleteAttribute), inherit: true))
                property.SetValue(to, property.GetValue(from));
        }

        foreach (var converter in from.Converters) to.Converters.Add(converter);
    }

    void Configure(OpenApiOptions o, List<DocumentedRoute> routes)
    {
        // The version that upstream writes.
        o.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
        o.CreateSchemaReferenceId = type
            => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is null ? null : _names.Of(type.Type);
        o.AddSchemaTransformer((schema, context, _) => Complete(schema, context.JsonTypeInfo, routes));
        o.AddOperationTransformer((operation, context, _)
            => Complete(operation, DocumentedRoute.Of(context.Description), context.Document!));
        o.AddDocumentTransformer((document, _, _) => Complete(document));
    }

    Task Complete(OpenApiSchema schema, JsonTypeInfo contract, List<DocumentedRoute> routes)
    {
        var type = contract.Type;
        if (type.IsEnum) schema.Default = null;
        if (type.IsEnum && schema.Enum?.Count > 0) schema.Type = JsonSchemaType.String;

        var route = routes.Find(r => r.BodyType == type);
        foreach (var property in contract.Properties)
        {
            if (property.AttributeProvider is not PropertyInfo member) continue;
            if (route?.NotInBody.Contains(member.Name) == true)
            {
                schema.Properties?.Remove(property.Name);
                schema.Required?.Remove(property.Name);
            }
            else if (schema.Properties?.TryGetValue(property.Name, out var s) == true && s is OpenApiSchema inner)
            {
                var text = route?.Definition.EndpointSummary?.Params.GetValueOrDefault(member.Name);
                inner.Description = First(text, inner.Description, _xml.Of(member));
                schema.Required ??= new HashSet<string>();
                _rules.Apply(type, member.Name, inner, () => schema.Required.Add(property.Name));

                // An answer's member is absent rather than null when the serializer leaves nulls out.
                if (!_requestTypes.Contains(type) && IsLeftOutWhenNull(property, member) && RuleBook.DropNull(inner))
                    schema.Required.Remove(property.Name);
            }
        }

        return Task.CompletedTask;
    }

    static bool IsLeftOutWhenNull(JsonPropertyInfo property, PropertyInfo member)
        => (member.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition ?? property.Options.DefaultIgnoreCondition)
            is JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault;

    void AddRequestType(Type type, JsonSerializerOptions json)
    {
        if (!_requestTypes.Add(type)) return;
        var contract = json.GetTypeInfo(type);
        if (contract.ElementType is { } element) AddRequestType(element, json);
        foreach (var property in contract.Properties) AddRequestType(property.PropertyType, json);
    }

    Task Complete(OpenApiOperation operation, DocumentedRoute route, OpenApiDocument document)
    {
        var definition = route.Definition;
        var summary = definition.EndpointSummary ?? new();
        operation.Summary = First(summary.Summary, operation.Summary, _xml.Of(definition.EndpointType));
        operation.Description = First(summary.Description, operation.Description);
        if (operation.Tags?.Any(t => t.Reference.Id == DocumentedRoute.NoTag) == true) operation.Tags.Clear();
        if (options.EnableJWTBearerAuth && !route.IsAnonymous)
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if (!route.Members.TryGetValue(parameter.Name!, out var member)) continue;
            parameter.Description = First(summary.Params.GetValueOrDefault(member.Name), _xml.Of(member));
            if (parameter.Schema is not OpenApiSchema schema) continue;
            if (route.DefaultOf(member) is { } value)
                schema.Default = JsonSerializer.SerializeToNode(value, route.Json);
            _rules.Apply(definition.ReqDtoType, member.Name, schema, () => parameter.Required = true);
        }

        if (summary.ExampleRequest is { } example && operation.RequestBody?.Content?.Values.FirstOrDefault() is { } body)
        {
            body.Example = JsonSerializer.SerializeToNode(example, example.GetType(), route.Json);
            foreach (var name in route.NotInBody) (body.Example as JsonObject)?.Remove(route.NameOf(name));
        }

        operation.Responses ??= [];
        foreach (var (status, text) in summary.Responses)
        {
            var key = status.ToString(CultureInfo.InvariantCulture);
            operation.Responses.TryAdd(key, new OpenApiResponse());
            ((OpenApiResponse)operation.Responses[key]).Description = text;
        }

        foreach (var (status, answer) in summary.ResponseExamples)
        {
            if (operation.Responses.TryGetValue(status.ToString(CultureInfo.InvariantCulture), out var response)
                && response.Content?.Values.FirstOrDefault() is { } content)
                content.Example = JsonSerializer.SerializeToNode(answer, answer.GetType(), route.Json);
        }

        return Task.CompletedTask;
    }

    Task Complete(OpenApiDocument document)
    {
        var head = options.Document;
        document.Info = new() { Title = head.Title, Version = head.Version, Description = head.Description };
        var descriptions = new Dictionary<string, string>();
        options.TagDescriptions?.Invoke(descriptions);
        foreach (var tag in document.Tags?.ToList() ?? [])
        {
            if (tag.Name == DocumentedRoute.NoTag) document.Tags!.Remove(tag);
            else tag.Description = descriptions.GetValueOrDefault(tag.Name!);
        }

        var scheme = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
        if (options.EnableJWTBearerAuth) document.AddComponent(Bearer, scheme);
        return Task.CompletedTask;
    }

    static string? First(params string?[] texts) => Array.Find(texts, text => !string.IsNullOrWhiteSpace(text));

    sealed class Descriptions(List<DocumentedRoute> routes) : IApiDescriptionGroupCollectionProvider
    {
        public ApiDescriptionGroupCollection ApiDescriptionGroups { get; }
            = new([new(null, routes.ConvertAll(r => r.Describe()))], version: 1);
    }
}
