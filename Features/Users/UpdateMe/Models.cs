using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.UpdateMe;

sealed record Request(Optional<string> Name = default, Optional<string> Email = default);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        When(r => r.Name.IsGiven, ()
            => RuleFor(r => r.Name.Value!).Line(User.MaxNameLength).OverridePropertyName("name"));
        When(r => r.Email.IsGiven, () => RuleFor(r => r.Email.Value!).Email().OverridePropertyName("email"));
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
