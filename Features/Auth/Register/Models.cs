using FastEndpoints;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Auth.Register;

sealed record Request(string Email, string Password, string Name);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Email).Email();
        RuleFor(r => r.Password).NewPassword(r => r.Email);
        RuleFor(r => r.Name).Line(User.MaxNameLength);
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
