using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Users.Get;

sealed class Data(IFusionCache cache, IDbContextFactory<AppDb> databases)
{
    const int MaxOrders = 10;

    public ValueTask<Response?> FindAsync(Guid id, CancellationToken ct)
        => cache.GetOrSetAsync<Response?>(
            CacheKeys.User(id),
            async (entry, token) =>
            {
                await using var db = await databases.CreateDbContextAsync(token);
                var user = await db.Users.FirstOrDefaultAsync(u => u.Id == id, token);
                if (user is null)
                {
                    entry.Options.Duration = CacheSetup.AbsentDuration;
                    return null;
                }

                return new Response(
                    user.Id, user.Email, user.Name, user.Roles.Names(), user.Version, user.CreatedAt, user.UpdatedAt);
            },
            tags: [CacheKeys.UserTag(id)],
            token: ct);

    // Not cached: whoever has ordered wants to see that.
    public async Task<IReadOnlyList<Response.Order>> OrdersAsync(Guid userId, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Orders
            .Where(o => o.UserId == userId)
            .OrderByDescending(o => o.Id)
            .Take(MaxOrders)
            .Select(o => new Response.Order(
                o.Id,
                OrderStatusNames.Of(o.Status),
                o.TotalMinor,
                o.Currency,
                o.CreatedAt,
                o.Lines.OrderBy(l => l.Position)
                    .Select(l => new Response.OrderLine(l.ProductId, l.Sku, l.Name, l.Quantity, l.PriceMinor))
                    .ToList()))
            .ToListAsync(ct);
    }
}
