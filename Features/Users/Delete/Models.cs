using FastEndpoints;

namespace SliceApi.Features.Users.Delete;

sealed record Request([property: RouteParam] Guid Id);
