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

sealed class InvalidToken()
    : UnauthorizedException(ErrorCodes.InvalidToken, "The refresh token is not valid. Sign in again.");

sealed class SessionExpired() : UnauthorizedException(
    ErrorCodes.TokenExpired, "This session was unused for too long, or is too old. Sign in again.");

sealed class ReuseDetected() : UnauthorizedException(
    ErrorCodes.ReuseDetected,
    "This refresh token was used before: somebody may have a copy. The session has ended; sign in again.");
