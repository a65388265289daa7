using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Products.Update;

sealed class Data(Writer writer, IFusionCache cache, TimeProvider clock)
{
    public Task<Response> UpdateAsync(IfMatch match, Request req, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                var before = await FindAsync(scope.Db, req.Id, ct);
                // Nothing was sent.
                if (req == new Request(req.Id))
                    return match.Allows(before.Version) ? before : throw new PreconditionFailedException();

                if (!await ChangeAsync(scope.Db, match, req, ct))
                    throw new PreconditionFailedException();
                var after = await FindAsync(scope.Db, req.Id, ct);
                await ChangeWordsAsync(scope.Db, before, after, ct);
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductTag(req.Id)));
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductListsTag));
                return after;
            },
            ct);

    static async Task<Response> FindAsync(AppDb db, Guid id, CancellationToken ct)
        => await db.Products
            .Where(p => p.Id == id)
            .Select(p => new Response(p.Id, p.Sku, p.Name, p.PriceMinor, p.Currency, p.Stock, p.Version))
            .FirstOrDefaultAsync(ct) ?? throw new NotFoundException();

    async Task<bool> ChangeAsync(AppDb db, IfMatch match, Request req, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The version is decided by the UPDATE itself: of two who read the same one, one changes it.
        var products = db.Products.Where(p => p.Id == req.Id && (match.Any || match.Versions.Contains(p.Version)));
        return await UniqueIndex.GuardAsync<SkuTaken>(UniqueIndex.ProductSku, () => products.ExecuteUpdateAsync(
            p =>
            {
                p.SetProperty(x => x.Version, x => x.Version + 1).SetProperty(x => x.UpdatedAt, now);
                if (req.Sku.IsGiven)
                    p.SetProperty(x => x.Sku, req.Sku.Value);
                if (req.Name.IsGiven)
                    p.SetProperty(x => x.Name, req.Name.Value);
                if (req.PriceMinor.IsGiven)
                    p.SetProperty(x => x.PriceMinor, req.PriceMinor.Value);
                if (req.Currency.IsGiven)
                    p.SetProperty(x => x.Currency, req.Currency.Value);
                if (req.Stock.IsGiven)
                    p.SetProperty(x => x.Stock, req.Stock.Value);
            },
            ct)) > 0;
    }

    static async Task ChangeWordsAsync(AppDb db, Response before, Response after, CancellationToken ct)
    {
        var (old, now) = (ProductWord.In(before.Sku, before.Name), ProductWord.In(after.Sku, after.Name));
        var gone = old.Except(now).ToList();
        if (gone.Count > 0)
            await db.ProductWords.Where(w => w.ProductId == after.Id && gone.Contains(w.Word)).ExecuteDeleteAsync(ct);
        db.AddRange(now.Except(old).Select(word => new ProductWord { Word = word, ProductId = after.Id }));
        await db.SaveChangesAsync(ct);
    }
}
