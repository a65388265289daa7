using FastEndpoints;

namespace SliceApi.Features.Accounts.Get;

sealed record Request([property: RouteParam] Guid Id);

sealed record Response(Guid Id, string Name, string Currency, long BalanceMinor, DateTimeOffset CreatedAt);
