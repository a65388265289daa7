using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Http;

/// <summary>How much each client may ask of the API. Health checks and the API's description are not limited.</summary>
sealed class RateLimits(Settings settings, TimeProvider clock)
{
    static readonly PathString Api = "/api";
    static readonly PathString AuthRoutes = HttpSetup.ApiRoot + "/auth";
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly bool _enabled = settings.RateLimits.Enabled;
    readonly RateLimit _users = Requests("user", settings.RateLimits, clock);
    readonly RateLimit _addresses = Requests("address", settings.RateLimits, clock);
    readonly RateLimit _authentication = new("auth", settings.RateLimits.AuthRequests, Minute, clock);
    readonly RateLimit _refusedTokens = Requests("token", settings.RateLimits, clock);

    /// <summary>Whether a request is counted at all.</summary>
    public bool Cover(HttpContext context) => _enabled && context.Request.Path.StartsWithSegments(Api);

    /// <summary>
    /// Whether this address has sent so many bad tokens that no further one is looked at for now. Counts nothing unless
    /// it has.
    /// </summary>
    public Quota RefusedTokens(HttpContext context)
    {
        var address = AddressOf(context);
        var quota = _refusedTokens.Peek(address);
        return quota.IsSpent ? _refusedTokens.Take(address) : quota;
    }

    /// <summary>
    /// Counts the request: on its user; when nobody is signed in, on its address; where people sign in, on the address
    /// as well, for the limit there is much lower.
    /// </summary>
    public Quota Count(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(AuthRoutes))
            return CountCaller(context);
        var authentication = _authentication.Take(AddressOf(context));
        return authentication.IsSpent ? authentication : authentication.And(CountCaller(context));
    }

    Quota CountCaller(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated == true)
            return _users.Take(CounterKey.Of(context.User.Id()));
        var address = AddressOf(context);
        if (HasToken(context))
            _refusedTokens.Take(address);
        return _addresses.Take(address);
    }

    /// <summary>Whether the request tries to say who sends it.</summary>
    public static bool HasToken(HttpContext context) => context.Request.Headers.Authorization.Count > 0;

    static CounterKey AddressOf(HttpContext context) => CounterKey.Of(context.Connection.RemoteIpAddress);

    static RateLimit Requests(string name, RateLimitSettings settings, TimeProvider clock)
        => new(name, settings.Requests, TimeSpan.FromSeconds(settings.WindowSeconds), clock);
}

/// <summary>One limit, and how the headers speak of it (draft-ietf-httpapi-ratelimit-headers-10, RFC 9651).</summary>
sealed class RateLimit(string name, int limit, TimeSpan window, TimeProvider clock)
{
    readonly WindowCounters _counters = new(limit, window, clock);
    readonly string _policy = $"\"{name}\";q={limit};w={(int)window.TotalSeconds}";

    /// <summary>Counts one.</summary>
    public Quota Take(CounterKey key) => Describe(_counters.Take(key));

    /// <summary>Looks without counting.</summary>
    public Quota Peek(CounterKey key) => Describe(_counters.Peek(key));

    Quota Describe(WindowState state)
        => new(
            _policy,
            $"\"{name}\";r={state.Remaining};t={state.SecondsLeft}",
            state.IsSpent ? state.SecondsLeft : 0,
            state.IsFirstRefusal);
}

/// <summary>How a client stands.</summary>
/// <param name="Policy">The limits that the request was counted against, for <c>RateLimit-Policy</c>.</param>
/// <param name="Left">What is left of each, for <c>RateLimit</c>.</param>
/// <param name="RetryAfter">After how many seconds there is something left again; 0 when there is now.</param>
/// <param name="IsFirstRefusal">Whether the client was not refused before in this window of a limit.</param>
readonly record struct Quota(string Policy, string Left, int RetryAfter, bool IsFirstRefusal = false)
{
    /// <summary>Whether the request is one too many.</summary>
    public bool IsSpent => RetryAfter > 0;

    /// <summary>Two limits at once: both must have something left.</summary>
    public Quota And(Quota other)
        => new(
            $"{Policy}, {other.Policy}",
            $"{Left}, {other.Left}",
            Math.Max(RetryAfter, other.RetryAfter),
            IsFirstRefusal || other.IsFirstRefusal);
}
