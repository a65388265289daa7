using FastEndpoints;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Accounts.List;

/// <param name="Limit">How many accounts an answer holds at most.</param>
/// <param name="Cursor">What the answer before named as <c>nextCursor</c>.</param>
sealed record Request([property: QueryParam] int Limit = 20, [property: QueryParam] string? Cursor = null);

sealed class Validator : Validator<Request>
{
    public Validator() => RuleFor(r => r.Limit).Limit();
}

sealed record Response(Guid Id, string Name, string Currency, long BalanceMinor, DateTimeOffset CreatedAt);
