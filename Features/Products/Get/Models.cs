using FastEndpoints;

namespace SliceApi.Features.Products.Get;

sealed record Request([property: RouteParam] Guid Id);

sealed record Response(
    Guid Id, string Sku, string Name, long PriceMinor, string Currency, int Stock, long Version);
