using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.Update;

sealed record Request(
    [property: RouteParam] Guid Id,
    Optional<string> Name = default,
    Optional<string> Email = default,
    Optional<IReadOnlyList<string>> Roles = default);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        When(r => r.Name.IsGiven, ()
            => RuleFor(r => r.Name.Value!).Line(User.MaxNameLength).OverridePropertyName("name"));
        When(r => r.Email.IsGiven, () => RuleFor(r => r.Email.Value!).Email().OverridePropertyName("email"));
        When(r => r.Roles.IsGiven, () => RuleFor(r => r.Roles.Value!).RoleNames().OverridePropertyName("roles"));
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
