using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Users.Update;

sealed class Data(Writer writer, IFusionCache cache, TimeProvider clock)
{
    public Task<Response> UpdateAsync(IfMatch match, Request req, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                var changes = req.Name.IsGiven || req.Email.IsGiven || req.Roles.IsGiven;
                var done = changes && await ChangeAsync(scope.Db, match, req, ct);
                var user = await scope.Db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == req.Id, ct)
                    ?? throw new NotFoundException();
                if (!done && !match.Allows(user.Version))
                    throw new PreconditionFailedException();
                if (!done && changes)
                    throw new LastAdministrator();
                // The user's sessions hold the roles, too.
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.UserTag(user.Id)));
                return new Response(
                    user.Id, user.Email, user.Name, user.Roles.Names(), user.Version, user.CreatedAt, user.UpdatedAt);
            },
            ct);

    async Task<bool> ChangeAsync(AppDb db, IfMatch match, Request req, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var roles = req.Roles is { IsGiven: true, Value: { } names } ? RoleNames.Parse(names) : Roles.None;
        var staysAdmin = roles is Roles.None || roles.HasFlag(Roles.Admin);
        // Version and last administrator are decided by the UPDATE itself: two administrators who demote each other at
        // once cannot both succeed.
        var users = db.Users.Where(u => u.Id == req.Id
            && (match.Any || match.Versions.Contains(u.Version))
            && (staysAdmin || (u.Roles & Roles.Admin) == 0
                || db.Users.Any(other => other.Id != u.Id && (other.Roles & Roles.Admin) != 0)));
        return await UniqueIndex.GuardAsync<EmailTaken>(UniqueIndex.UserEmail, () => users.ExecuteUpdateAsync(
            u =>
            {
                u.SetProperty(x => x.Version, x => x.Version + 1).SetProperty(x => x.UpdatedAt, now);
                if (req.Name.IsGiven)
                    u.SetProperty(x => x.Name, req.Name.Value);
                if (req.Email is { IsGiven: true, Value: { } email })
                {
                    u.SetProperty(x => x.Email, EmailAddress.Normalize(email))
                        .SetProperty(x => x.EmailKey, EmailAddress.Key(email));
                }

                if (roles is not Roles.None)
                    u.SetProperty(x => x.Roles, roles);
            },
            ct)) > 0;
    }
}
