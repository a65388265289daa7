using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Security;

/// <summary>Why a request counts as not signed in although it brought a token.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">For the client's developer.</param>
sealed record AuthenticationFailure(string Code, string Message)
{
    public static readonly AuthenticationFailure Missing =
        new(ErrorCodes.Unauthorized, "Sign in and send the access token in the header Authorization: Bearer.");

    public static readonly AuthenticationFailure Invalid =
        new(ErrorCodes.InvalidToken, "The access token is not valid. Sign in again.");

    public static readonly AuthenticationFailure Expired =
        new(ErrorCodes.TokenExpired, "The access token has expired. Exchange the refresh token for a new one.");

    public static readonly AuthenticationFailure Ended =
        new(ErrorCodes.SessionEnded, "This session has ended. Sign in again.");

    /// <summary>What to tell a client whose request was answered 401.</summary>
    public static AuthenticationFailure Of(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (context.Features.Get<AuthenticationFailure>() is { } failure)
        {
            // The bearer handler took the token for good and does not know what the session gate found.
            headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return failure;
        }

        // The bearer handler says in its challenge what it found (RFC 6750, 3).
        var challenge = headers.WWWAuthenticate.ToString();
        return !challenge.Contains("invalid_token", StringComparison.Ordinal) ? Missing
            : challenge.Contains("The token expired", StringComparison.Ordinal) ? Expired
            : Invalid;
    }
}
