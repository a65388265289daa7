using FastEndpoints;
using FluentValidation;

namespace SliceApi.Features.Orders.Pay;

/// <param name="Id">The order.</param>
/// <param name="AccountId">An account of yours, of the order's currency.</param>
sealed record Request([property: RouteParam] Guid Id, Guid AccountId);

sealed class Validator : Validator<Request>
{
    public Validator() => RuleFor(r => r.AccountId).NotEmpty();
}

sealed record Response(
    Guid Id,
    Guid UserId,
    string Status,
    long TotalMinor,
    string Currency,
    DateTimeOffset CreatedAt,
    IReadOnlyList<Response.Line> Lines)
{
    public sealed record Line(Guid ProductId, string Sku, string Name, int Quantity, long PriceMinor);
}
