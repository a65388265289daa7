using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Users.Delete;

sealed class Data(Writer writer, IFusionCache cache)
{
    public Task DeleteAsync(Guid id, IfMatch match, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                var db = scope.Db;
                // Version and last administrator are decided by the DELETE itself.
                var deleted = await db.Users
                    .Where(u => u.Id == id
                        && (match.Any || match.Versions.Contains(u.Version))
                        && ((u.Roles & Roles.Admin) == 0
                            || db.Users.Any(other => other.Id != u.Id && (other.Roles & Roles.Admin) != 0)))
                    .ExecuteDeleteAsync(ct);
                if (deleted == 0)
                    throw await ReasonAsync(db, id, match, ct);
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.UserTag(id)));
            },
            ct);

    static async Task<ApiException> ReasonAsync(AppDb db, Guid id, IfMatch match, CancellationToken ct)
    {
        var version = await db.Users.Where(u => u.Id == id).Select(u => (long?)u.Version).FirstOrDefaultAsync(ct);
        return version is null ? new NotFoundException()
            : match.Allows(version.Value) ? new LastAdministrator()
            : new PreconditionFailedException();
    }
}
