using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Transfers.Make;

/// <param name="FromAccountId">An account of yours.</param>
/// <param name="ToAccountId">Anybody's account of the same currency.</param>
/// <param name="AmountMinor">How much, in the currency's minor unit (cents).</param>
/// <param name="Reference">What for; both sides read it.</param>
sealed record Request(Guid FromAccountId, Guid ToAccountId, long AmountMinor, string? Reference = null);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.FromAccountId).NotEmpty();
        RuleFor(r => r.ToAccountId).NotEmpty();
        RuleFor(r => r.ToAccountId)
            .NotEqual(r => r.FromAccountId).WithMessage("Money goes from one account to another.")
            .When(r => r.ToAccountId != Guid.Empty);
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
