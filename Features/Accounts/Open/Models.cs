using FastEndpoints;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Accounts.Open;

/// <param name="Name">How you want to call it.</param>
/// <param name="Currency">ISO 4217, in capitals; it never changes.</param>
sealed record Request(string Name, string Currency);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Name).Line(Account.MaxNameLength);
        RuleFor(r => r.Currency).Currency();
    }
}

sealed record Response(Guid Id, string Name, string Currency, long BalanceMinor, DateTimeOffset CreatedAt);
