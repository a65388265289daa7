using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Products.Create;

sealed record Request(string Sku, string Name, long PriceMinor, string Currency, int? Stock);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Sku).Sku();
        RuleFor(r => r.Name).Line(Product.MaxNameLength);
        RuleFor(r => r.PriceMinor).Amount();
        RuleFor(r => r.Currency).Currency();
        RuleFor(r => r.Stock).NotNull().InclusiveBetween(0, Product.MaxStock);
    }
}

sealed record Response(
    Guid Id, string Sku, string Name, long PriceMinor, string Currency, int Stock, long Version);
