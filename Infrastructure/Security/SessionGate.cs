using System.Globalization;
using System.Security.Claims;
using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// The bearer handler knows that a token was signed here and has not expired. This gate decides whether it counts now:
/// that it is an access token of this API (RFC 8725, 3.9 to 3.12) and that its session still lives. It also replaces
/// the token's roles by the user's present ones, so that logout and role changes act on the very next request.
/// </summary>
sealed class SessionGate(RequestDelegate next, SessionLookup sessions, Settings settings, TimeProvider clock)
{
    static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated == true)
        {
            var (user, failure) = await AdmitAsync(context.User, context.RequestAborted);
            context.User = user;
            if (failure is not null)
                context.Features.Set(failure);
        }

        await next(context);
    }

    async ValueTask<(ClaimsPrincipal User, AuthenticationFailure? Failure)> AdmitAsync(
        ClaimsPrincipal token, CancellationToken ct)
    {
        if (!IsAccessToken(token)
            || !Guid.TryParseExact(token.FindFirstValue(Claims.Session), "D", out var sessionId)
            || !Guid.TryParseExact(token.FindFirstValue(Claims.Subject), "D", out var userId))
        {
            return (Nobody, AuthenticationFailure.Invalid);
        }

        var session = await sessions.FindAsync(sessionId, ct);
        if (session is null)
            return (Nobody, AuthenticationFailure.Ended);
        return session.UserId == userId
            ? (session.Principal, null)
            : (Nobody, AuthenticationFailure.Invalid);
    }

    bool IsAccessToken(ClaimsPrincipal token)
        => token.FindFirstValue(Claims.Type) == Claims.AccessType
            && token.FindAll(Claims.Type).Count() == 1
            && token.FindFirstValue(Claims.Issuer) == settings.Jwt.Issuer
            && token.HasClaim(Claims.Audience, settings.Jwt.Audience)
            && !IsFromTheFuture(token.FindFirstValue(Claims.IssuedAt));

    bool IsFromTheFuture(string? issuedAt)
        => !long.TryParse(issuedAt, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > (clock.GetUtcNow() + ClockSkew).ToUnixTimeSeconds();
}
