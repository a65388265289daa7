using FastEndpoints;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Accounts.Entries;

/// <param name="Id">The account.</param>
/// <param name="Limit">How many entries an answer holds at most.</param>
/// <param name="Cursor">What the answer before named as <c>nextCursor</c>.</param>
sealed record Request(
    [property: RouteParam] Guid Id,
    [property: QueryParam] int Limit = 20,
    [property: QueryParam] string? Cursor = null);

sealed class Validator : Validator<Request>
{
    public Validator() => RuleFor(r => r.Limit).Limit();
}

sealed record Response(
    Guid Id, Guid TransferId, long AmountMinor, long BalanceAfterMinor, string? Reference, DateTimeOffset CreatedAt);
