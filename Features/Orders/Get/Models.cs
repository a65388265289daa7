using FastEndpoints;

namespace SliceApi.Features.Orders.Get;

sealed record Request([property: RouteParam] Guid Id);

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
