using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Auth.Refresh;

sealed record Request(string RefreshToken);

sealed class Validator : Validator<Request>
{
    public Validator() => RuleFor(r => r.RefreshToken).NotEmpty();
}

/// <param name="AccessToken">For the header <c>Authorization: Bearer</c>.</param>
/// <param name="RefreshToken">For the next pair; the one that was sent is used up.</param>
/// <param name="TokenType">How the access token is sent.</param>
/// <param name="ExpiresIn">How long the access token is valid, in seconds.</param>
/// <param name="RefreshExpiresIn">How long the refresh token is valid, in seconds.</param>
sealed record Response(
    string AccessToken, string RefreshToken, string TokenType, int ExpiresIn, int RefreshExpiresIn);

/// <summary>What becomes of a refresh token.</summary>
enum Outcome
{
    Exchanged,
    Invalid,
    Expired,
    Ended,
    Reused,
}

/// <summary>The token is no good; the code says whether to sign in again or to worry.</summary>
sealed class Refused(Outcome outcome) : UnauthorizedException(CodeOf(outcome), MessageOf(outcome))
{
    static string CodeOf(Outcome outcome)
        => outcome switch
        {
            Outcome.Expired => ErrorCodes.TokenExpired,
            Outcome.Ended => ErrorCodes.SessionEnded,
            Outcome.Reused => ErrorCodes.ReuseDetected,
            _ => ErrorCodes.InvalidToken,
        };

    static string MessageOf(Outcome outcome)
        => outcome switch
        {
            Outcome.Expired => "This session was not used for too long, or is too old. Sign in again.",
            Outcome.Ended => "This session has ended. Sign in again.",
            Outcome.Reused => "This refresh token was used before: somebody may have a copy. The session has ended; sign in again.",
            _ => "The refresh token is not valid. Sign in again.",
        };
}
