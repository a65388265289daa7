using FastEndpoints;

namespace SliceApi.Features.Users.Get;

sealed record Request([property: RouteParam] Guid Id);

sealed record Response(
    Guid Id,
    string Email,
    string Name,
    IReadOnlyList<string> Roles,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
