using FastEndpoints;

namespace SliceApi.Features.Auth.EndSession;

sealed record Request([property: RouteParam] Guid Id);
