using System.Globalization;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Stands before authentication. Who sends a token is known only when its signature and its session have been looked
/// at, and whoever makes tokens up would have that work done for nothing. So bad tokens are counted on their address,
/// and when there were too many, none from there is looked at until the window ends: not even a good one. Requests
/// without a token do not count here, so that they cannot shut out somebody who is signed in at the same address.
/// </summary>
sealed class TokenGate(RequestDelegate next, RateLimits limits)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!RateLimits.HasToken(context) || !limits.Cover(context))
            return next(context);
        var quota = limits.RefusedTokens(context);
        return quota.IsSpent ? quota.AnswerAsync(context, next) : next(context);
    }
}

/// <summary>Stands behind the session gate, where the caller is known, and counts every request to the API.</summary>
sealed class RequestGate(RequestDelegate next, RateLimits limits)
{
    public Task InvokeAsync(HttpContext context)
        => limits.Cover(context) ? limits.Count(context).AnswerAsync(context, next) : next(context);
}

/// <summary>
/// On a request that is refused like others just before it: whoever sent them stands in the security log already, and a
/// flood of requests must not become one of events.
/// </summary>
sealed class KnownRefusal
{
    public static readonly KnownRefusal Instance = new();
}

static class RateLimitAnswers
{
    /// <summary>Lets the request pass, or answers 429, which costs no exception, no database and no hash.</summary>
    public static Task AnswerAsync(this Quota quota, HttpContext context, RequestDelegate next)
    {
        // On starting, because an answer to an exception begins with clearing the headers.
        context.Response.OnStarting(
            static state =>
            {
                var (headers, quota) = ((IHeaderDictionary, Quota))state;
                headers["RateLimit-Policy"] = quota.Policy;
                headers["RateLimit"] = quota.Left;
                return Task.CompletedTask;
            },
            (context.Response.Headers, quota));
        if (!quota.IsSpent)
            return next(context);
        if (!quota.IsFirstRefusal)
            context.Features.Set(KnownRefusal.Instance);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = quota.RetryAfter.ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
