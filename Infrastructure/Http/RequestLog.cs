using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// One line for each request, when it has been answered: what was asked, what came of it, who asked. It has the route's
/// template and never the path or the query, which are the client's to fill.
/// </summary>
sealed class RequestLog(RequestDelegate next, ILoggerFactory loggers, SecurityLog security)
{
    static readonly EventId Event = new(1, "request");

    readonly ILogger _logger = loggers.CreateLogger("SliceApi.Requests");

    public Task InvokeAsync(HttpContext context)
        => _logger.IsEnabled(LogLevel.Warning) || security.IsEnabled || IsTraced(Activity.Current)
            ? LogAsync(context)
            : next(context);

    async Task LogAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Log(context, Stopwatch.GetElapsedTime(started));
        }
    }

    void Log(HttpContext context, TimeSpan elapsed)
    {
        var status = context.Response.StatusCode;
        if (Activity.Current is { } activity && IsTraced(activity))
            Complete(activity, context.Request.Method, RouteOf(context), status);
        // A failure's exception has a line of its own, at level Error and with its stack.
        var level = status >= 500 ? LogLevel.Warning : LogLevel.Information;
        var forbidden = status == StatusCodes.Status403Forbidden;
        var throttled = status == StatusCodes.Status429TooManyRequests
            && context.Features.Get<KnownRefusal>() is null;
        if (!forbidden && !throttled && !_logger.IsEnabled(level))
            return;
        var route = RouteOf(context);
        var user = context.User.FindFirst(Claims.Subject)?.Value;
        var client = context.Connection.RemoteIpAddress;
        if (_logger.IsEnabled(level))
        {
            var line = new RequestLine(
                context.Request.Method, route, status, Math.Round(elapsed.TotalMilliseconds, 3), user, client);
            _logger.Log(level, Event, line, null, static (line, _) => line.ToString());
        }

        if (forbidden)
            security.Forbidden(user, route, client);
        else if (throttled)
            security.Throttled(user, route, client);
    }

    // The server begins a span for each request; only one that somebody collects is worth completing.
    static bool IsTraced(Activity? activity)
        => activity is { IsAllDataRequested: true } && activity.Source.HasListeners();

    // By OpenTelemetry's semantic conventions for HTTP: the server itself leaves these off.
    static void Complete(Activity activity, string method, string? route, int status)
    {
        if (route is not null)
        {
            activity.DisplayName = $"{method} {route}";
            activity.SetTag("http.route", route);
        }

        activity.SetTag("http.response.status_code", status);
        if (status >= 500)
            activity.SetStatus(ActivityStatusCode.Error);
    }

    // An exception takes the endpoint off the request.
    static string? RouteOf(HttpContext context)
        => ((context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint) as RouteEndpoint)
            ?.RoutePattern.RawText;
}
