using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Products.Update;

sealed record Request(
    [property: RouteParam] Guid Id,
    Optional<string> Sku = default,
    Optional<string> Name = default,
    Optional<long> PriceMinor = default,
    Optional<string> Currency = default,
    Optional<int> Stock = default);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        When(r => r.Sku.IsGiven, () => RuleFor(r => r.Sku.Value!).Sku().OverridePropertyName("sku"));
        When(
            r => r.Name.IsGiven,
            () => RuleFor(r => r.Name.Value!).Line(Product.MaxNameLength).OverridePropertyName("name"));
        When(
            r => r.PriceMinor.IsGiven,
            () => RuleFor(r => r.PriceMinor.Value).Amount().OverridePropertyName("priceMinor"));
        When(
            r => r.Currency.IsGiven,
            () => RuleFor(r => r.Currency.Value!).Currency().OverridePropertyName("currency"));
        When(
            r => r.Stock.IsGiven,
            () => RuleFor(r => r.Stock.Value).InclusiveBetween(0, Product.MaxStock).OverridePropertyName("stock"));
    }
}

sealed record Response(
    Guid Id, string Sku, string Name, long PriceMinor, string Currency, int Stock, long Version);
