using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;

namespace FastEndpoints.Swagger;

/// <summary>Makes a document, in a container of its own as the generator takes its container's JSON settings.</summary>
sealed class DocumentGenerator(IServiceProvider application, DocumentOptions options)
{
    const string Bearer = "JWTBearerAuth";

    readonly EndpointHost _host = application.GetRequiredService<EndpointHost>();
    readonly SchemaBook _schemas = new(application.GetRequiredService<EndpointHost>(), options.ShortSchemaNames);

    /// <summary>The document in OpenAPI 3.0, the version that upstream writes.</summary>
    internal async Task<byte[]> GenerateAsync()
    {
        var routes = application.GetRequiredService<EndpointDataSource>();
        await using var container = new ServiceCollection().AddLogging()
            .AddSingleton(application.GetRequiredService<IHostEnvironment>())
            .AddSingleton<IApiDescriptionGroupCollectionProvider>(new RouteDescriptions(routes, options))
            .Configure<JsonOptions>(o => Copy(_host.Config.Serializer.Options, o.SerializerOptions))
            .AddOpenApi("document", o => o.AddSchemaTransformer(_schemas.CompleteAsync)
                .AddOperationTransformer(CompleteAsync).AddDocumentTransformer(CompleteAsync)
                .CreateSchemaReferenceId = _schemas.IdOf)
            .BuildServiceProvider();
        var generator = container.GetRequiredKeyedService<IOpenApiDocumentProvider>("document");
        using var json = new MemoryStream();
        await (await generator.GetOpenApiDocumentAsync()).SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_0);
        return json.ToArray();
    }

    static void Copy(JsonSerializerOptions from, JsonSerializerOptions to)
    {
        var settings = typeof(JsonSerializerOptions).GetProperties().Where(p => p.CanWrite);
        foreach (var setting in settings.Where(p => !p.IsDefined(typeof(ObsoleteAttribute), inherit: true)))
            setting.SetValue(to, setting.GetValue(from));
        to.TypeInfoResolver = from.TypeInfoResolver!.WithAddedModifier(MakeStructuresOptional);
        foreach (var converter in from.Converters) to.Converters.Add(converter);
    }

    /// <summary>The generator shows members' defaults, and fails where one is that of a structure.</summary>
    static void MakeStructuresOptional(JsonTypeInfo contract)
    {
        var names = contract.Type.GetConstructors().SelectMany(c => c.GetParameters()).Where(p => p is
        { HasDefaultValue: true, DefaultValue: null, ParameterType: { IsValueType: true, Name: not "Nullable`1" } })
            .Select(p => p.Name).ToHashSet();
        for (var i = 0; i < contract.Properties.Count && names.Count > 0; i++)
        {
            var (get, source) = (contract.Properties[i].Get, contract.Properties[i].AttributeProvider);
            if (source is not PropertyInfo member || !names.Contains(member.Name)) continue;
            var type = typeof(Nullable<>).MakeGenericType(member.PropertyType);
            var property = contract.CreateJsonPropertyInfo(type, contract.Properties[i].Name);
            (property.Get, property.AttributeProvider, contract.Properties[i]) = (get, source, property);
        }
    }

    Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var definition = metadata.OfType<EndpointDefinition>().First();
        var summary = definition.EndpointSummary ?? new();
        operation.Summary = First(summary.Summary, operation.Summary, _schemas.SummaryOf(definition.EndpointType));
        operation.Description = First(summary.Description, operation.Description);
        if (options.EnableJWTBearerAuth && !metadata.OfType<IAllowAnonymous>().Any())
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            var described = context.Description.ParameterDescriptions.First(p => p.Name == parameter.Name);
            if (definition.ReqDtoType.GetProperty(described.ParameterDescriptor.Name) is not { } member) continue;
            parameter.Description = First(summary.Params.GetValueOrDefault(member.Name), _schemas.SummaryOf(member));
            parameter.Required |= _schemas.ApplyRules(definition.ReqDtoType, member.Name, parameter.Schema);
        }

        var body = context.Description.ParameterDescriptions.LastOrDefault(p => p.Source == BindingSource.Body)?.Type;
        if (body == summary.ExampleRequest?.GetType() && ToJson(summary.ExampleRequest) is { } example)
        {
            foreach (var name in _schemas.NotInBody(definition.ReqDtoType))
                (example as JsonObject)?.Remove(_host.NameOf(name));
            foreach (var content in operation.RequestBody?.Content?.Values ?? []) content.Example = example;
        }

        foreach (var (status, answer) in summary.ResponseExamples)
        {
            var response = operation.Responses?.GetValueOrDefault(status.ToString(CultureInfo.InvariantCulture));
            foreach (var content in response?.Content?.Values ?? []) content.Example = ToJson(answer);
        }

        return Task.CompletedTask;
    }

    Task CompleteAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        var (info, descriptions) = (options.Document, new Dictionary<string, string>());
        document.Info = new() { Title = info.Title, Version = info.Version, Description = info.Description };
        options.TagDescriptions?.Invoke(descriptions);
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
            tag.Description = descriptions.GetValueOrDefault(tag.Name!);
        var jwt = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
        if (options.EnableJWTBearerAuth) document.AddComponent(Bearer, jwt);
        return Task.CompletedTask;
    }

    JsonNode? ToJson(object? value)
        => JsonSerializer.SerializeToNode<object?>(value, _host.Config.Serializer.Options);

    static string? First(params string?[] texts) => Array.Find(texts, text => !string.IsNullOrWhiteSpace(text));
}
