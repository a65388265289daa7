using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.List;

sealed class Data(AppDb db)
{
    const int MaxOrders = 10;

    public async Task<(IReadOnlyList<Response> Users, int Total)> ListAsync(Request req, CancellationToken ct)
    {
        var users = Filter(db.Users, req);
        var total = await users.CountAsync(ct);
        var page = await Sort(users, req.Sort).Skip((req.Page - 1) * req.PageSize).Take(req.PageSize).ToListAsync(ct);
        var orders = req.Include is null ? null : await OrdersAsync([.. page.Select(u => u.Id)], ct);
        return (
            [.. page.Select(u => new Response(
                u.Id, u.Email, u.Name, u.Roles.Names(), u.Version, u.CreatedAt, u.UpdatedAt, orders?[u.Id].ToList()))],
            total);
    }

    // One statement for all of them. From the users to the ids of their latest orders to the orders: ranking each
    // user's orders (a window function) would read all that there are.
    async Task<ILookup<Guid, Response.Order>> OrdersAsync(List<Guid> userIds, CancellationToken ct)
    {
        var orders = await db.Users
            .Where(u => userIds.Contains(u.Id))
            .SelectMany(_ => db.Orders, (u, o) => new { UserId = u.Id, Order = o })
            .Where(pair => db.Orders
                .Where(o => o.UserId == pair.UserId)
                .OrderByDescending(o => o.Id)
                .Take(MaxOrders)
                .Select(o => o.Id)
                .Contains(pair.Order.Id))
            .Select(pair => pair.Order)
            .OrderByDescending(o => o.Id)
            .Select(o => new
            {
                o.UserId,
                Order = new Response.Order(
                    o.Id,
                    OrderStatusNames.Of(o.Status),
                    o.TotalMinor,
                    o.Currency,
                    o.CreatedAt,
                    o.Lines.OrderBy(l => l.Position)
                        .Select(l => new Response.OrderLine(l.ProductId, l.Sku, l.Name, l.Quantity, l.PriceMinor))
                        .ToList()),
            })
            .ToListAsync(ct);
        return orders.ToLookup(o => o.UserId, o => o.Order);
    }

    static IQueryable<User> Filter(IQueryable<User> users, Request req)
    {
        if (req.Email is { Length: > 0 } email)
        {
            // A range and no LIKE: the index serves it, and nothing in the text is a wildcard.
            var from = EmailAddress.Key(email);
            var to = from + "\U0010FFFF";
            users = users.Where(u => string.Compare(u.EmailKey, from) >= 0 && string.Compare(u.EmailKey, to) < 0);
        }

        if (req.Role is { } role)
        {
            var wanted = RoleNames.Parse(role);
            users = users.Where(u => (u.Roles & wanted) != 0);
        }

        return users;
    }

    // Ids are made of the time: their order is that of creation.
    static IQueryable<User> Sort(IQueryable<User> users, string by)
        => by switch
        {
            "email" => users.OrderBy(u => u.EmailKey),
            "createdAt" => users.OrderBy(u => u.Id),
            _ => users.OrderByDescending(u => u.Id),
        };
}
