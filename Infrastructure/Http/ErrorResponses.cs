using FastEndpoints;
using FluentValidation.Results;
using Microsoft.AspNetCore.Diagnostics;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Http;

/// <summary>The one place where errors become responses, whoever raised them.</summary>
public static class ErrorResponses
{
    /// <summary>The message above <c>details</c>.</summary>
    public const string NotValid = "The request is not valid; see details for each field.";

    /// <summary>The body for a request that failed validation: every failure under its field's path.</summary>
    public static object ForValidation(IReadOnlyList<ValidationFailure> failures, HttpContext context, int status)
    {
        if (failures.FirstOrDefault(f => f.ErrorCode == ErrorCodes.MalformedJson) is { } malformed)
            return Error(context, status, ErrorCodes.MalformedJson, malformed.ErrorMessage);

        var details = failures
            .GroupBy(f => f.PropertyName, StringComparer.Ordinal)
            .ToDictionary(
                g => g.Key, IReadOnlyList<string> (g) => [.. g.Select(f => f.ErrorMessage).Distinct()],
                StringComparer.Ordinal);
        return Error(context, status, ErrorCodes.ValidationError, NotValid, details);
    }

    /// <summary>Writes the answer to a request that ended with an exception.</summary>
    public static Task WriteAsync(HttpContext context, ApiException e, CancellationToken ct)
    {
        if (e is UnauthorizedException)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (e.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString();
        return WriteAsync(context, Of(context, e), e.Status, ct);
    }

    /// <summary>The body of the answer to a request that ended with an exception.</summary>
    public static Envelope<object> Of(HttpContext context, ApiException e)
        => Error(context, e.Status, e.Code, e.Message, e.Details);

    /// <summary>Gives an answer that has only a status (from routing, authorization, ...) its body.</summary>
    public static Task WriteForStatusAsync(StatusCodeContext statusCode)
    {
        var context = statusCode.HttpContext;
        var status = context.Response.StatusCode;
        if (status != StatusCodes.Status401Unauthorized)
            return WriteForStatusAsync(context, status, context.RequestAborted);
        var (code, message) = AuthenticationFailure.Of(context);
        return WriteAsync(context, status, code, message, context.RequestAborted);
    }

    /// <summary>Writes the answer to a request that the server or the framework refused with a status.</summary>
    public static Task WriteForStatusAsync(HttpContext context, int status, CancellationToken ct)
    {
        var (code, message) = ForStatus(status);
        return WriteAsync(context, status, code, message, ct);
    }

    static Task WriteAsync(HttpContext context, int status, string code, string message, CancellationToken ct)
        => WriteAsync(context, Error(context, status, code, message), status, ct);

    static async Task WriteAsync(HttpContext context, Envelope<object> error, int status, CancellationToken ct)
        => await context.Response.SendAsync(error, status, cancellation: ct);

    static Envelope<object> Error(
        HttpContext context,
        int status,
        string code,
        string message,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? details = null)
        => new(null, new ApiError(code, message, details, Retryable: status >= 500 || status == 429), Meta.Of(context));

    static (string Code, string Message) ForStatus(int status)
        => status switch
        {
            StatusCodes.Status403Forbidden => (ErrorCodes.Forbidden, "You may not do this."),
            StatusCodes.Status404NotFound => (ErrorCodes.NotFound, "There is no such route or thing."),
            StatusCodes.Status405MethodNotAllowed
                => (ErrorCodes.MethodNotAllowed, "This route does not take this method; see the Allow header."),
            StatusCodes.Status413PayloadTooLarge => (ErrorCodes.PayloadTooLarge, "The body is larger than 1 MB."),
            StatusCodes.Status415UnsupportedMediaType
                => (ErrorCodes.UnsupportedMediaType, "The body must be application/json in UTF-8, not compressed."),
            StatusCodes.Status429TooManyRequests
                => (ErrorCodes.RateLimited, "Too many requests. Retry-After says in how many seconds to come again."),
            StatusCodes.Status503ServiceUnavailable => (ErrorCodes.Overloaded, "Try again shortly."),
            >= 400 and < 500 => (ErrorCodes.ValidationError, "The request cannot be understood."),
            _ => (ErrorCodes.InternalError, "Something went wrong here; the request id names it in the log."),
        };
}

/// <summary>Answers every exception that reaches it; a client never sees more than the code and its message.</summary>
sealed class ExceptionHandler(ILogger<ExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        switch (exception)
        {
            case ApiException e:
                await ErrorResponses.WriteAsync(context, e, ct);
                break;
            // The server's own refusals while a body is read: too large, too slow, cut off.
            case BadHttpRequestException e:
                await ErrorResponses.WriteForStatusAsync(context, e.StatusCode, ct);
                break;
            // A chunk that is announced longer than any number can say: to the server no refusal, but an error.
            case IOException { InnerException: OverflowException }:
                await ErrorResponses.WriteForStatusAsync(context, StatusCodes.Status413PayloadTooLarge, ct);
                break;
            default:
                // The handler has taken the endpoint off the request.
                var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
                logger.LogError(exception, "{Route} failed", endpoint?.DisplayName);
                await ErrorResponses.WriteForStatusAsync(context, StatusCodes.Status500InternalServerError, ct);
                break;
        }

        return true;
    }
}
