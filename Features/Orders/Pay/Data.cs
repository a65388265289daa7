using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Orders.Pay;

sealed class Data(OnceWriter once, TimeProvider clock)
{
    static readonly string Pending = OrderStatusNames.Of(OrderStatus.Pending);

    public Task<Answer> PayAsync(IdempotentRequest request, Request req, CancellationToken ct)
        => once.RunAsync(
            request,
            async (scope, ct) =>
            {
                var (db, now) = (scope.Db, clock.GetUtcNow());
                var order = await FindAsync(db, req.Id, request.UserId, ct);
                var isOwn = await db.Accounts.AnyAsync(a => a.Id == req.AccountId && a.UserId == request.UserId, ct);
                if (order is null || !isOwn)
                    throw new NotFoundException();
                if (order.Status != Pending)
                    throw new OrderNotPending();

                var shop = scope.OwnAccount(AccountKind.Shop, order.Currency, now);
                var transfer = scope.Post(new Posting(req.AccountId, shop, order.TotalMinor, $"Order {order.Id}"), now);
                await MarkPaidAsync(db, order.Id, transfer.Id, ct);
                scope.Publish(new OrderPaid(order.Id, transfer.Id));
                return Reply.Done(order with { Status = OrderStatusNames.Of(OrderStatus.Paid) });
            },
            ct);

    static async Task MarkPaidAsync(AppDb db, Guid id, Guid transferId, CancellationToken ct)
    {
        // Decided by the UPDATE itself: an order is paid once, and one that was cancelled is not paid.
        var paid = await db.Orders
            .Where(o => o.Id == id && o.Status == OrderStatus.Pending)
            .ExecuteUpdateAsync(
                o => o.SetProperty(x => x.Status, OrderStatus.Paid).SetProperty(x => x.TransferId, transferId), ct);
        if (paid == 0)
            throw new OrderNotPending();
    }

    static Task<Response?> FindAsync(AppDb db, Guid id, Guid caller, CancellationToken ct)
        => db.Orders
            .Where(o => o.Id == id && o.UserId == caller)
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
            .FirstOrDefaultAsync(ct);
}
