using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Orders.Cancel;

sealed class Data(Writer writer, IFusionCache cache, TimeProvider clock)
{
    public Task<Response> CancelAsync(Guid id, Guid caller, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                var orders = scope.Db.Orders.Where(o => o.Id == id && o.UserId == caller);
                // Decided by the UPDATE itself: an order that is being paid is either paid or cancelled.
                var cancelled = await orders
                    .Where(o => o.Status == OrderStatus.Pending)
                    .ExecuteUpdateAsync(o => o.SetProperty(x => x.Status, OrderStatus.Cancelled), ct);
                var order = await orders
                    .Select(o => new Response(
                        o.Id,
                        o.UserId,
                        OrderStatusNames.Of(o.Status),
                        o.TotalMinor,
                        o.Currency,
                        o.CreatedAt,
                        o.Lines.OrderBy(l => l.Position)
                            .Select(l => new Response.Line(l.ProductId, l.Sku, l.Name, l.Quantity, l.PriceMinor))
                            .ToList()))
                    .FirstOrDefaultAsync(ct) ?? throw new NotFoundException();
                if (cancelled == 0)
                    throw new OrderNotPending();
                GiveBack(scope, order.Lines);
                return order;
            },
            ct);

    void GiveBack(WriteScope scope, IReadOnlyList<Response.Line> lines)
    {
        var now = clock.GetUtcNow();
        foreach (var line in lines)
        {
            scope.GiveStockBack(line.ProductId, line.Quantity, now);
            scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductTag(line.ProductId)));
        }

        scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductListsTag));
    }
}
