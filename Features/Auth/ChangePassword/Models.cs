using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Auth.ChangePassword;

sealed record Request(string CurrentPassword, string NewPassword);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.CurrentPassword).KnownPassword();
        RuleFor(r => r.NewPassword)
            // Whether it is the caller's own address, the endpoint asks.
            .NewPassword(_ => null)
            .NotEqual(r => r.CurrentPassword).WithMessage("The new password must be another one.");
    }
}

sealed class InvalidCredentials()
    : UnauthorizedException(ErrorCodes.InvalidCredentials, "The current password is wrong.");
