using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Orders.List;

sealed class Data(AppDb db, Cursors cursors)
{
    public async Task<CursorPage<Response>> ListAsync(Guid caller, bool everybodys, Request req, CancellationToken ct)
    {
        var owner = everybodys ? req.UserId : caller;
        var scope = Cursors.Scope("orders", caller, owner?.ToString(), req.Status);
        var place = cursors.Read(req.Cursor, scope);
        var orders = db.Orders.Where(o => o.Id < place);
        if (owner is { } id)
            orders = orders.Where(o => o.UserId == id);
        if (req.Status is { } name)
        {
            var status = OrderStatusNames.Parse(name);
            orders = orders.Where(o => o.Status == status);
        }

        var rows = await orders
            .OrderByDescending(o => o.Id)
            .Take(req.Limit + 1)
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
            .ToListAsync(ct);
        return cursors.Page(rows, req.Limit, scope, row => row.Id);
    }
}
