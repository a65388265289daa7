using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Which pages of other sites may use the API from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol).
/// </summary>
static class CorsSetup
{
    static readonly string[] RequestHeaders =
        ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id"];

    static readonly string[] Exposed =
    [
        "ETag", "Idempotent-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate",
        "X-Request-Id",
    ];

    static readonly TimeSpan PreflightKept = TimeSpan.FromMinutes(10);

    /// <summary>Registers the origins that are configured; none by default.</summary>
    public static IServiceCollection AddOrigins(this IServiceCollection services, Settings settings)
        => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            // Compared character for character. No credentials: the API takes tokens from a header, never cookies.
            .WithOrigins([.. settings.Cors.Origins])
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders(RequestHeaders)
            .WithExposedHeaders(Exposed)
            .SetPreflightMaxAge(PreflightKept)));

    /// <summary>Answers preflights and marks what configured origins may read.</summary>
    public static void UseOrigins(this WebApplication app)
    {
        if (app.Services.GetRequiredService<Settings>().Cors.Origins.Count == 0)
            return;
        // An answer to one origin must not be kept for another.
        app.Use((context, next) =>
        {
            context.Response.OnStarting(
                static state =>
                {
                    var headers = ((HttpResponse)state).Headers;
                    if (!headers.Vary.ToString().Contains("Origin", StringComparison.OrdinalIgnoreCase))
                        headers.Append("Vary", "Origin");
                    return Task.CompletedTask;
                },
                context.Response);
            return next(context);
        });
        app.UseCors();
    }
}
