using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Users.Delete;

sealed class Data(Writer writer, IFusionCache cache, TimeProvider clock)
{
    public Task DeleteAsync(Guid id, IfMatch match, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                var db = scope.Db;
                // Version and last administrator are decided by the statement itself.
                var leaving = db.Users.Where(u => u.Id == id
                    && (match.Any || match.Versions.Contains(u.Version))
                    && ((u.Roles & Roles.Admin) == 0
                        || db.Users.Any(other => other.Id != u.Id && (other.Roles & Roles.Admin) != 0)));
                if (await LeavesTracesAsync(db, id, ct)
                        ? await CloseAsync(scope, id, leaving, ct) == 0
                        : await leaving.ExecuteDeleteAsync(ct) == 0)
                {
                    throw await ReasonAsync(db, id, match, ct);
                }

                await db.IdempotencyKeys.Where(k => k.UserId == id).ExecuteDeleteAsync(ct);
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.UserTag(id)));
            },
            ct);

    static async Task<bool> LeavesTracesAsync(AppDb db, Guid id, CancellationToken ct)
        => await db.Accounts.AnyAsync(a => a.UserId == id, ct) || await db.Orders.AnyAsync(o => o.UserId == id, ct);

    // Money and orders stay in the books. Nothing left says whose they were, and nobody can log in as that user.
    async Task<int> CloseAsync(WriteScope scope, Guid id, IQueryable<User> leaving, CancellationToken ct)
    {
        var db = scope.Db;
        var now = clock.GetUtcNow();
        var closed = await leaving.ExecuteUpdateAsync(
            u => u.SetProperty(x => x.Email, "")
                .SetProperty(x => x.EmailKey, id.ToString())
                .SetProperty(x => x.Name, "")
                .SetProperty(x => x.PasswordHash, "")
                .SetProperty(x => x.Roles, Roles.None)
                .SetProperty(x => x.Version, x => x.Version + 1)
                .SetProperty(x => x.UpdatedAt, now)
                .SetProperty(x => x.ClosedAt, now),
            ct);
        if (closed == 0)
            return 0;
        await db.Accounts.Where(a => a.UserId == id && a.ClosedAt == null)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.ClosedAt, now).SetProperty(x => x.Name, ""), ct);
        await db.Sessions.Where(s => s.UserId == id).ExecuteDeleteAsync(ct);
        await CancelOrdersAsync(scope, id, now, ct);
        return closed;
    }

    // Nobody could pay or cancel them any more.
    async Task CancelOrdersAsync(WriteScope scope, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        var pending = scope.Db.Orders.Where(o => o.UserId == id && o.Status == OrderStatus.Pending);
        var lines = await pending.SelectMany(o => o.Lines).AsNoTracking().ToListAsync(ct);
        foreach (var line in lines)
        {
            scope.GiveStockBack(line.ProductId, line.Quantity, now);
            scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductTag(line.ProductId)));
        }

        if (await pending.ExecuteUpdateAsync(o => o.SetProperty(x => x.Status, OrderStatus.Cancelled), ct) > 0)
            scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.ProductListsTag));
    }

    static async Task<ApiException> ReasonAsync(AppDb db, Guid id, IfMatch match, CancellationToken ct)
    {
        var version = await db.Users.Where(u => u.Id == id).Select(u => (long?)u.Version).FirstOrDefaultAsync(ct);
        return version is null ? new NotFoundException()
            : match.Allows(version.Value) ? new LastAdministrator()
            : new PreconditionFailedException();
    }
}
