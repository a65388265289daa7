using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Users.Get;

/// <param name="Id">The user.</param>
/// <param name="Include"><c>orders</c>: the latest 10 orders, too.</param>
sealed record Request([property: RouteParam] Guid Id, [property: QueryParam] string? Include = null);

sealed class Validator : Validator<Request>
{
    public Validator() => RuleFor(r => r.Include).OneOf("orders").When(r => r.Include is not null);
}

sealed record Response(
    Guid Id,
    string Email,
    string Name,
    IReadOnlyList<string> Roles,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<Response.Order>? Orders = null)
{
    public sealed record Order(
        Guid Id,
        string Status,
        long TotalMinor,
        string Currency,
        DateTimeOffset CreatedAt,
        IReadOnlyList<OrderLine> Lines);

    public sealed record OrderLine(Guid ProductId, string Sku, string Name, int Quantity, long PriceMinor);
}
