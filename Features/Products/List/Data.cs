using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Products.List;

sealed class Data(IFusionCache cache, IDbContextFactory<AppDb> databases, Cursors cursors)
{
    // Greater than every character, in the order of SQLite (UTF-8), too.
    static readonly string Last = char.ConvertFromUtf32(0x10FFFF);

    public ValueTask<CursorPage<Response>> ListAsync(Request req, CancellationToken ct)
    {
        var beginnings = req.Q is null ? null : Beginnings(req.Q);
        var search = beginnings is null ? null : string.Join(' ', beginnings);
        var scope = Cursors.Scope("products", null, search);
        var place = cursors.Read(req.Cursor, scope);
        return cache.GetOrSetAsync<CursorPage<Response>>(
            CacheKeys.Products(req.Limit, place, search),
            async (entry, token) =>
            {
                var rows = beginnings is [] ? [] : await ReadAsync(beginnings ?? [], place, req.Limit + 1, token);
                if (rows.Count == 0)
                    entry.Options.Duration = CacheSetup.AbsentDuration;
                // Whoever asks for many long lists must not fill the memory with them.
                entry.Options.Size = 1 + rows.Count;
                return cursors.Page(rows, req.Limit, scope, row => row.Id);
            },
            tags: [CacheKeys.ProductListsTag],
            token: ct);
    }

    async Task<List<Response>> ReadAsync(string[] beginnings, Guid place, int count, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var products = db.Products.Where(p => p.Id < place);
        // The longest word is looked up, for the fewest begin with it; what it finds is asked for the others. A range
        // and no LIKE: the index serves it, and nothing in the text is a wildcard.
        foreach (var (i, from) in beginnings.OrderByDescending(word => word.Length).Index())
        {
            var to = from + Last;
            var found = db.ProductWords.Where(w => string.Compare(w.Word, from) >= 0 && string.Compare(w.Word, to) < 0);
            products = i == 0
                ? products.Where(p => found.Select(w => w.ProductId).Contains(p.Id))
                : products.Where(p => found.Any(w => w.ProductId == p.Id));
        }

        return await products
            .OrderByDescending(p => p.Id)
            .Take(count)
            .Select(p => new Response(p.Id, p.Sku, p.Name, p.PriceMinor, p.Currency, p.Stock, p.Version))
            .ToListAsync(ct);
    }

    // Sorted, so that what begins another word stands before it: that one finds no more than the longer one does.
    static string[] Beginnings(string q)
    {
        string[] words = [.. ProductWord.In(q).Order(StringComparer.Ordinal)];
        return [.. words.Where((word, i)
            => i + 1 == words.Length || !words[i + 1].StartsWith(word, StringComparison.Ordinal))];
    }
}
