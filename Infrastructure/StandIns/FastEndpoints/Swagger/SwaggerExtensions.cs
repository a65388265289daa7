using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints.Swagger;

/// <summary>Documents the endpoints in OpenAPI and shows the document.</summary>
public static class SwaggerExtensions
{
    /// <summary>Declares a document of all endpoints.</summary>
    public static IServiceCollection SwaggerDocument(
        this IServiceCollection services, Action<DocumentOptions>? options = null)
    {
        var o = new DocumentOptions();
        options?.Invoke(o);
        o.DocumentSettings?.Invoke(o.Document);
        return services.AddSingleton(o);
    }

    /// <summary>Serves the documents, made at the first request, and the pages that show them, to everyone.</summary>
    public static IApplicationBuilder UseSwaggerGen(
        this IApplicationBuilder app, Action<ServedAt>? config = null, Action<ServedAt>? uiConfig = null)
    {
        var route = new ServedAt { Path = "/swagger/{documentName}/swagger.json" };
        config?.Invoke(route);
        var ui = new ServedAt { Path = "/swagger", DocumentPath = route.Path };
        uiConfig?.Invoke(ui);
        var routes = (IEndpointRouteBuilder)app;
        var services = routes.ServiceProvider;
        var documents = services.GetServices<DocumentOptions>().ToList();
        foreach (var options in documents)
        {
            var document = new Lazy<Task<byte[]>>(() => new DocumentGenerator(services, options).GenerateAsync());
            var answer = async () => Results.Bytes(await document.Value, "application/json; charset=utf-8");
            routes.MapMethods(Path(route.Path, options), ["GET", "HEAD"], answer).AllowAnonymous();
        }

        routes.MapSwaggerUI(ui.Path.Trim('/'), o =>
        {
            o.DocumentTitle = documents.FirstOrDefault()?.Document.Title ?? "";
            foreach (var options in documents)
                o.SwaggerEndpoint(Path(ui.DocumentPath, options), options.Document.Title);
        }).AllowAnonymous();
        return app;
    }

    static string Path(string path, DocumentOptions options)
        => path.Replace("{documentName}", options.Document.DocumentName, StringComparison.Ordinal);
}

/// <summary>What a document says, and how.</summary>
public sealed class DocumentOptions
{
    internal DocumentSettings Document { get; } = new();

    /// <summary>Names schemas by their types alone, also those of DTOs beside an endpoint.</summary>
    public bool ShortSchemaNames { get; set; }
    /// <summary>Describes bearer tokens and which endpoints need one.</summary>
    public bool EnableJWTBearerAuth { get; set; } = true;
    /// <summary>Which segment of its own route, from 1, an endpoint is tagged with; 0 sets no tags.</summary>
    public int AutoTagPathSegmentIndex { get; set; } = 1;
    /// <summary>Leaves out request bodies of which the route, the query and headers leave nothing.</summary>
    public bool RemoveEmptyRequestSchema { get; set; }
    /// <summary>Adds what the tags mean, by name.</summary>
    public Action<Dictionary<string, string>>? TagDescriptions { get; set; }
    /// <summary>Sets the name and the title.</summary>
    public Action<DocumentSettings>? DocumentSettings { get; set; }
}

/// <summary>The head of a document.</summary>
public sealed class DocumentSettings
{
    /// <summary>The name, which stands in for <c>{documentName}</c> in paths.</summary>
    public string DocumentName { get; set; } = "v1";
    /// <summary>The title.</summary>
    public string Title { get; set; } = "API";
    /// <summary>The version of the API.</summary>
    public string Version { get; set; } = "1.0.0";
    /// <summary>What the API is; Markdown.</summary>
    public string? Description { get; set; }
}

/// <summary>Where something is served.</summary>
public sealed class ServedAt
{
    /// <summary>The path of the document, where <c>{documentName}</c> stands for its name, or of the pages.</summary>
    public string Path { get; set; } = "";
    /// <summary>The path of the document that the pages show.</summary>
    public string DocumentPath { get; set; } = "";
}
