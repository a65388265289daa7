using FastEndpoints;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Auth.Login;

sealed record Request(string Email, string Password, string? Device = null);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Email).Email();
        RuleFor(r => r.Password).KnownPassword();
        RuleFor(r => r.Device).OptionalLine(Session.MaxDeviceLength);
    }
}

/// <param name="AccessToken">For the header <c>Authorization: Bearer</c>.</param>
/// <param name="RefreshToken">For a new pair when the access token has expired; keep it secret.</param>
/// <param name="TokenType">How the access token is sent.</param>
/// <param name="ExpiresIn">How long the access token is valid, in seconds.</param>
/// <param name="RefreshExpiresIn">How long the refresh token is valid, in seconds.</param>
sealed record Response(
    string AccessToken, string RefreshToken, string TokenType, int ExpiresIn, int RefreshExpiresIn);

/// <summary>One answer for an unknown address and a wrong password: nobody learns who has an account.</summary>
sealed class InvalidCredentials()
    : UnauthorizedException(ErrorCodes.InvalidCredentials, "The e-mail address or the password is wrong.");
