using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Products.Get;

sealed class Data(IFusionCache cache, IDbContextFactory<AppDb> databases)
{
    public ValueTask<Response?> FindAsync(Guid id, CancellationToken ct)
        => cache.GetOrSetAsync<Response?>(
            CacheKeys.Product(id),
            async (entry, token) =>
            {
                await using var db = await databases.CreateDbContextAsync(token);
                var product = await db.Products
                    .Where(p => p.Id == id)
                    .Select(p => new Response(p.Id, p.Sku, p.Name, p.PriceMinor, p.Currency, p.Stock, p.Version))
                    .FirstOrDefaultAsync(token);
                if (product is null)
                    entry.Options.Duration = CacheSetup.AbsentDuration;
                return product;
            },
            tags: [CacheKeys.ProductTag(id)],
            token: ct);
}
