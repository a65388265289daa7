using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Orders.List;

/// <param name="Limit">How many orders an answer holds at most.</param>
/// <param name="Cursor">What the answer before named as <c>nextCursor</c>.</param>
/// <param name="Status">Only orders that are <c>pending</c>, <c>paid</c> or <c>cancelled</c>.</param>
/// <param name="UserId">Only this user's orders; for administrators, who otherwise see everybody's.</param>
sealed record Request(
    [property: QueryParam] int Limit = 20,
    [property: QueryParam] string? Cursor = null,
    [property: QueryParam] string? Status = null,
    [property: QueryParam] Guid? UserId = null);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Limit).Limit();
        RuleFor(r => r.Status).OneOf(OrderStatusNames.All).When(r => r.Status is not null);
    }
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
