using System.Net;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Auth.ChangePassword;

sealed class Data(
    AppDb db,
    Writer writer,
    PasswordHasher hasher,
    LoginThrottle throttle,
    SessionEnder sessions,
    IFusionCache cache,
    TimeProvider clock)
{
    public Task<string?> EmailAsync(Guid userId, CancellationToken ct)
        => db.Users.Where(u => u.Id == userId).Select(u => u.Email).FirstOrDefaultAsync(ct);

    /// <summary>Says whether the current password was right.</summary>
    public async Task<bool> ChangeAsync(Guid userId, Guid current, Request req, IPAddress? from, CancellationToken ct)
    {
        var user = await db.Users
            .Where(u => u.Id == userId)
            .Select(u => new { u.EmailKey, u.PasswordHash })
            .FirstOrDefaultAsync(ct);
        if (user is null)
            return false;
        // Counted like a login: whoever found an open session must not try passwords here instead.
        var right = await throttle.TryAsync(
            user.EmailKey, from, () => hasher.VerifyAsync(user.PasswordHash, req.CurrentPassword, ct));
        if (!right)
            return false;
        var hash = await hasher.HashAsync(req.NewPassword, ct);
        return await writer.RunAsync(
            (scope, ct) => StoreAsync(scope, userId, current, user.PasswordHash, hash, ct), ct);
    }

    async Task<bool> StoreAsync(
        WriteScope scope, Guid userId, Guid current, string old, string hash, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Only over the verified hash: of two who change it at once, the second knows the old password no more.
        var changed = await scope.Db.Users.Where(u => u.Id == userId && u.PasswordHash == old).ExecuteUpdateAsync(
            u => u.SetProperty(x => x.PasswordHash, hash)
                .SetProperty(x => x.Version, x => x.Version + 1)
                .SetProperty(x => x.UpdatedAt, now),
            ct);
        if (changed == 0)
            return false;
        await sessions.EndAsync(scope, s => s.UserId == userId && s.Id != current, ct);
        scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.UserTag(userId)));
        return true;
    }
}
