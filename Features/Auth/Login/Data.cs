using System.Net;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.Login;

sealed class Data(
    AppDb db,
    Writer writer,
    PasswordHasher hasher,
    LoginThrottle throttle,
    Tokens tokens,
    SessionEnder sessions,
    SecurityLog log,
    TimeProvider clock)
{
    /// <summary>Starts a session; null when nobody has this address and password. Both take the same time.</summary>
    public async Task<Response?> LogInAsync(Request req, IPAddress? from, CancellationToken ct)
    {
        // Once more only if the password was changed, or hashed again, while it was verified.
        while (await AuthenticateAsync(req.Email, req.Password, from, ct) is { } user)
        {
            if (await StartSessionAsync(user, req, from, ct) is { } started)
                return started;
        }

        return null;
    }

    async Task<User?> AuthenticateAsync(string email, string password, IPAddress? from, CancellationToken ct)
    {
        var key = EmailAddress.Key(email);
        User? user = null;
        var right = await throttle.TryAsync(key, from, () => hasher.VerifyAsync(
            async () =>
            {
                user = await db.Users.FirstOrDefaultAsync(u => u.EmailKey == key, ct);
                return user?.PasswordHash;
            },
            password,
            ct));
        if (!right)
            log.LoginFailed(user?.Id, from);
        return right ? user : null;
    }

    async Task<Response?> StartSessionAsync(User user, Request req, IPAddress? from, CancellationToken ct)
    {
        // A hash that was made when the settings asked for less: only now is the password at hand.
        var hash = hasher.IsOutdated(user.PasswordHash) ? await hasher.HashAsync(req.Password, ct) : user.PasswordHash;
        var session = new Session(user.Id, req.Device, clock.GetUtcNow());
        var started = await writer.RunAsync(
            async (scope, ct) =>
            {
                // Only over the hash that was verified: a change of the password ends every session but one, and one
                // that the old password started must not come after it. Nor is there one for a user deleted meanwhile.
                var verified = await scope.Db.Users
                    .Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
                    .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, hash), ct);
                if (verified == 0)
                    return false;
                await MakeRoomAsync(scope, user.Id, ct);
                scope.Db.Add(session);
                await scope.Db.SaveChangesAsync(ct);
                return true;
            },
            ct);
        if (!started)
            return null;
        log.LoggedIn(user.Id, session.Id, from);
        return new Response(
            tokens.Access(user, session.Id),
            tokens.Refresh(session.Id, session.Counter),
            "Bearer",
            (int)tokens.AccessLifetime.TotalSeconds,
            (int)tokens.RefreshLifetime.TotalSeconds);
    }

    // Whoever logs in again and again keeps the latest sessions.
    async Task MakeRoomAsync(WriteScope scope, Guid userId, CancellationToken ct)
    {
        var surplus = await scope.Db.Sessions
            .Where(s => s.UserId == userId && s.EndedAt == null)
            .OrderByDescending(s => s.LastUsedAt)
            .Skip(Session.MaxPerUser - 1)
            .Select(s => s.Id)
            .ToListAsync(ct);
        if (surplus.Count > 0)
            await sessions.EndAsync(scope, s => surplus.Contains(s.Id), ct);
        await sessions.ForgetAsync(scope, userId, ct);
    }
}
