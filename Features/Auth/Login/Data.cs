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
    TimeProvider clock)
{
    /// <summary>Whose address and password these are; null for nobody's. Both take the same time.</summary>
    public async Task<User?> AuthenticateAsync(string email, string password, IPAddress? from, CancellationToken ct)
    {
        var key = EmailAddress.Key(email);
        User? user = null;
        var right = await throttle.TryAsync(key, from, async () =>
        {
            user = await db.Users.FirstOrDefaultAsync(u => u.EmailKey == key, ct);
            return await hasher.VerifyAsync(user?.PasswordHash, password, ct);
        });
        if (!right)
            return null;
        if (hasher.IsOutdated(user!.PasswordHash))
            await StrengthenAsync(user, password, ct);
        return user;
    }

    public async Task<Response> StartSessionAsync(User user, string? device, CancellationToken ct)
    {
        var session = new Session(user.Id, device, clock.GetUtcNow());
        await writer.RunAsync(
            async (scope, ct) =>
            {
                await MakeRoomAsync(scope, user.Id, ct);
                scope.Db.Add(session);
                await scope.Db.SaveChangesAsync(ct);
            },
            ct);
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
    }

    // The hash was made when the settings asked for less; only now is the password at hand.
    async Task StrengthenAsync(User user, string password, CancellationToken ct)
    {
        var stronger = await hasher.HashAsync(password, ct);
        // Only over the hash that was verified: the password may have been changed meanwhile.
        await writer.RunAsync(
            (scope, ct) => scope.Db.Users
                .Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, stronger), ct),
            ct);
    }
}
