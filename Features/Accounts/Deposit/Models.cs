using FastEndpoints;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Accounts.Deposit;

/// <param name="Id">The account.</param>
/// <param name="AmountMinor">How much, in the account's minor unit (cents).</param>
/// <param name="Reference">What for.</param>
sealed record Request([property: RouteParam] Guid Id, long AmountMinor, string? Reference = null);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.AmountMinor).Amount();
        RuleFor(r => r.Reference).OptionalLine(Transfer.MaxReferenceLength);
    }
}

sealed record Response(
    Guid Id,
    Guid FromAccountId,
    Guid ToAccountId,
    long AmountMinor,
    string Currency,
    string? Reference,
    DateTimeOffset CreatedAt);
