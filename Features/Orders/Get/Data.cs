using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Orders.Get;

// Not cached: whoever has paid wants to see that.
sealed class Data(AppDb db)
{
    public Task<Response?> FindAsync(Guid id, Guid caller, bool everybodys, CancellationToken ct)
        => db.Orders
            .Where(o => o.Id == id && (everybodys || o.UserId == caller))
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
