using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Refuses bodies that the API does not read, before anything is bound: anything but <c>application/json</c> in UTF-8,
/// and any content coding, for a compressed megabyte may hold a gigabyte.
/// </summary>
sealed class BodyGate(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Not for unknown routes and methods: those are 404 and 405, whatever the body.
        if (context.GetEndpoint() is not RouteEndpoint)
            return next(context);
        var request = context.Request;
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody
            ?? request.ContentLength > 0;
        if (!hasBody || (request.Headers.ContentEncoding.Count == 0 && IsJson(request.ContentType)))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return Task.CompletedTask;
    }

    static bool IsJson(string? contentType)
        => contentType is "application/json"
            || (MediaTypeHeaderValue.TryParse(contentType, out var type)
                && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                && (!type.Charset.HasValue
                    || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));
}
