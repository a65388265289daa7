using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.List;

sealed class Data(AppDb db)
{
    public async Task<(IReadOnlyList<Response> Users, int Total)> ListAsync(Request req, CancellationToken ct)
    {
        var users = Filter(db.Users, req);
        var total = await users.CountAsync(ct);
        var page = await Sort(users, req.Sort).Skip((req.Page - 1) * req.PageSize).Take(req.PageSize).ToListAsync(ct);
        return (
            [.. page.Select(u => new Response(u.Id, u.Email, u.Name, u.Roles.Names(), u.Version, u.CreatedAt, u.UpdatedAt))],
            total);
    }

    static IQueryable<User> Filter(IQueryable<User> users, Request req)
    {
        if (req.Email is { Length: > 0 } email)
        {
            // A range and no LIKE: the index serves it, and nothing in the text is a wildcard.
            var from = EmailAddress.Key(email);
            var to = from + '\uffff';
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
