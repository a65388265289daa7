using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Orders.Place;

sealed class Data(OnceWriter once, IFusionCache cache, TimeProvider clock)
{
    public Task<Answer> PlaceAsync(IdempotentRequest request, Request req, CancellationToken ct)
        => once.RunAsync(
            request,
            async (scope, ct) =>
            {
                await scope.RequireAsync(request.UserId, ct);
                var now = clock.GetUtcNow();
                var products = await FindAsync(scope.Db, req.Lines, ct);
                var lines = req.Lines.Select((line, i) => new OrderLine(i, products[i], line.Quantity)).ToList();
                var order = new Order(request.UserId, CurrencyOf(products), lines, now);
                Take(scope, lines, products, now);
                scope.Db.Add(order);
                await scope.Db.SaveChangesAsync(ct);
                scope.Publish(new OrderPlaced(order.Id, order.UserId));
                foreach (var product in products)
                    scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductTag(product.Id)));
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductListsTag));
                return Reply.Created($"/orders/{order.Id}", ToResponse(order));
            },
            ct);

    // In the order of the lines.
    static async Task<List<Product>> FindAsync(AppDb db, IReadOnlyList<Request.Line> lines, CancellationToken ct)
    {
        var ids = lines.Select(line => line.ProductId).ToList();
        var found = await db.Products.AsNoTracking().Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, ct);
        var unknown = lines.Index().Where(line => !found.ContainsKey(line.Item.ProductId)).ToList();
        if (unknown.Count > 0)
        {
            throw new BadRequestException(ErrorCodes.ValidationError, ErrorResponses.NotValid)
            {
                Details = unknown.ToDictionary(
                    line => $"lines[{line.Index}].productId",
                    IReadOnlyList<string> (_) => ["There is no such product."]),
            };
        }

        return [.. ids.Select(id => found[id])];
    }

    static string CurrencyOf(List<Product> products)
    {
        var currencies = products.Select(p => p.Currency).Distinct().ToList();
        return currencies.Count == 1
            ? currencies[0]
            : throw new CurrencyMismatch($"One order has one currency, not {string.Join(" and ", currencies)}.");
    }

    static void Take(WriteScope scope, List<OrderLine> lines, List<Product> products, DateTimeOffset now)
    {
        var missing = lines
            .Where(line => !scope.TakeStock(line.ProductId, line.Quantity, now))
            .ToDictionary(
                line => $"lines[{line.Position}]",
                IReadOnlyList<string> (line) => [$"In stock: {products[line.Position].Stock}."]);
        // The savepoint gives back what other lines took.
        if (missing.Count > 0)
            throw new OutOfStock { Details = missing };
    }

    static Response ToResponse(Order o)
        => new Response(
            o.Id,
            o.UserId,
            OrderStatusNames.Of(o.Status),
            o.TotalMinor,
            o.Currency,
            o.CreatedAt,
            o.Lines.OrderBy(l => l.Position)
                .Select(l => new Response.Line(l.ProductId, l.Sku, l.Name, l.Quantity, l.PriceMinor))
                .ToList());
}

/// <summary>Somebody was faster, or there never was that much; <c>details</c> names each such line.</summary>
sealed class OutOfStock() : ConflictException(
    ErrorCodes.OutOfStock, "There is not enough in stock; see details for each line.");
