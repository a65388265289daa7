using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Refuses bodies that the API does not read, before anything is bound: anything but <c>application/json</c> in UTF-8,
/// any content coding, for a compressed megabyte may hold a gigabyte, and more than a megabyte.
/// </summary>
sealed class BodyGate(RequestDelegate next)
{
    /// <summary>What is read of a body at most, in bytes.</summary>
    const int MaxBytes = 1024 * 1024;

    /// <summary>
    /// What the server lets in, in bytes: more than is read. Beyond it the server closes the connection, and a proxy
    /// that is still sending hears of that instead of the answer; up to it the server takes the rest and drops it.
    /// </summary>
    public const int MaxBytesLetIn = 2 * MaxBytes;

    public Task InvokeAsync(HttpContext context)
    {
        // Not for unknown routes and methods: those are 404 and 405, whatever the body.
        if (context.GetEndpoint() is not RouteEndpoint)
            return next(context);
        var request = context.Request;
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody
            ?? request.ContentLength > 0;
        if (!hasBody)
            return next(context);
        if (request.Headers.ContentEncoding.Count > 0 || !IsJson(request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        if (request.ContentLength is > MaxBytes and <= MaxBytesLetIn)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return Task.CompletedTask;
        }

        // One that does not say how long it is, or is longer than what is let in.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBytes;
        return next(context);
    }

    static bool IsJson(string? contentType)
        => contentType is "application/json"
            || (MediaTypeHeaderValue.TryParse(contentType, out var type)
                && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                && (!type.Charset.HasValue
                    || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));
}
