using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Users.GetMe;

sealed class Data(IFusionCache cache, IDbContextFactory<AppDb> databases)
{
    public ValueTask<Response?> FindAsync(Guid id, CancellationToken ct)
        => cache.GetOrSetAsync<Response?>(
            CacheKeys.Me(id),
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
}
