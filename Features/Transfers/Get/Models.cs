using FastEndpoints;

namespace SliceApi.Features.Transfers.Get;

sealed record Request([property: RouteParam] Guid Id);

sealed record Response(
    Guid Id,
    Guid FromAccountId,
    Guid ToAccountId,
    long AmountMinor,
    string Currency,
    string? Reference,
    DateTimeOffset CreatedAt);
