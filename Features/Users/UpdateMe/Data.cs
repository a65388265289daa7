using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Users.UpdateMe;

sealed class Data(Writer writer, IFusionCache cache, TimeProvider clock)
{
    public Task<Response> UpdateAsync(Guid id, IfMatch match, Request req, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                var users = scope.Db.Users.Where(u => u.Id == id);
                var changes = req.Name.IsGiven || req.Email.IsGiven;
                var done = changes
                    && await ChangeAsync(users.Where(u => match.Any || match.Versions.Contains(u.Version)), req, ct);
                // Whoever sent this may have been deleted since it was let in.
                var user = await users.AsNoTracking().FirstOrDefaultAsync(ct) ?? throw new NotFoundException();
                if (!done && (changes || !match.Allows(user.Version)))
                    throw new PreconditionFailedException();
                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.UserTag(id)));
                return new Response(
                    user.Id, user.Email, user.Name, user.Roles.Names(), user.Version, user.CreatedAt, user.UpdatedAt);
            },
            ct);

    async Task<bool> ChangeAsync(IQueryable<User> users, Request req, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
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
            },
            ct)) > 0;
    }
}
