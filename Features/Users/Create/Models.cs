using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.Create;

sealed record Request(string Email, string Password, string Name, IReadOnlyList<string>? Roles = null);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Email).Email();
        RuleFor(r => r.Password).NewPassword(r => r.Email);
        RuleFor(r => r.Name).Line(User.MaxNameLength);
        RuleFor(r => r.Roles!).RoleNames().When(r => r.Roles is not null);
    }
}

sealed record Response(
    Guid Id,
    string Email,
    string Name,
    IReadOnlyList<string> Roles,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
