using FastEndpoints.Swagger;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http.OpenApi;

namespace SliceApi.Infrastructure.Http;

/// <summary>The API's description: <c>/openapi/v1.json</c> for programs, <c>/docs</c> for people.</summary>
public static class Docs
{
    /// <summary>Registers the document.</summary>
    public static IServiceCollection AddDocs(this IServiceCollection services, Settings settings)
    {
        if (!settings.Docs.Enabled)
            return services;
        return services.SwaggerDocument(o =>
        {
            o.EnableJWTBearerAuth = true;
            o.RemoveEmptyRequestSchema = true;
            // /api/v1/{tag}/...
            o.AutoTagPathSegmentIndex = 1;
            o.DocumentSettings = s =>
            {
                s.DocumentName = "v1";
                s.Title = "SliceApi";
                s.Version = "v1";
                s.Description = "Every answer is an envelope: exactly one of `data` and `error`, and `meta`.";
            };
        });
    }

    /// <summary>Serves it.</summary>
    public static void UseDocs(this WebApplication app, Settings settings)
    {
        if (!settings.Docs.Enabled)
            return;
        app.UseMiddleware<DocumentGate>();
        app.UseSwaggerGen(
            c => c.Path = "/openapi/{documentName}.json",
            ui =>
            {
                ui.Path = "/docs";
                ui.DocumentPath = "/openapi/{documentName}.json";
            });
    }
}
