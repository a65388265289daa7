using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Products.Create;

sealed class Data(Writer writer, IFusionCache cache, TimeProvider clock)
{
    public async Task<Response> CreateAsync(Request req, CancellationToken ct)
    {
        var product = new Product(req.Sku, req.Name, req.PriceMinor, req.Currency, req.Stock!.Value, clock.GetUtcNow());
        await writer.RunAsync(
            async (scope, ct) =>
            {
                scope.Db.Add(product);
                scope.Db.AddRange(ProductWord.In(product.Sku, product.Name)
                    .Select(word => new ProductWord { Word = word, ProductId = product.Id }));
                // The unique index decides, not a look beforehand: two may add the same sku at once.
                await scope.Db.SaveOrThrowAsync<SkuTaken>(UniqueIndex.ProductSku, ct);
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductListsTag));
            },
            ct);
        return new Response(
            product.Id,
            product.Sku,
            product.Name,
            product.PriceMinor,
            product.Currency,
            product.Stock,
            product.Version);
    }
}
