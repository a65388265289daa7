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
                if (req.Name.IsGiven || req.Email.IsGiven)
                    await ChangeAsync(users.Where(u => match.Any || match.Versions.Contains(u.Version)), req, ct);
                else if (!match.Allows(await users.Select(u => u.Version).SingleAsync(ct)))
                    throw new PreconditionFailedException();

                scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.UserTag(id)));
                var user = await users.AsNoTracking().SingleAsync(ct);
                return new Response(
                    user.Id, user.Email, user.Name, user.Roles.Names(), user.Version, user.CreatedAt, user.UpdatedAt);
            },
            ct);

    async Task ChangeAsync(IQueryable<User> users, Request req, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var changed = await UniqueIndex.GuardAsync<EmailTaken>(UniqueIndex.UserEmail, () => users.ExecuteUpdateAsync(
            u =>
            {
                u.SetProperty(x => x.Version, x => x.Version + 1).SetProperty(x => x.UpdatedAt, now);
                if (req.Name.IsGiven)
                    u.SetProperty(x => x.Name, req.Name.Value);
                if (req.Email is { IsGiven: true, Value: { } email })
                    u.SetProperty(x => x.Email, EmailAddress.Normalize(email)).SetProperty(x => x.EmailKey, EmailAddress.Key(email));
            },
            ct));
        if (changed == 0)
            throw new PreconditionFailedException();
    }
}
