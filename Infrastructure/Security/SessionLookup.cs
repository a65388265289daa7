using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Infrastructure.Security;

/// <summary>Finds living sessions, nearly always in the cache: every request with a token asks.</summary>
public sealed class SessionLookup(IFusionCache cache, IDbContextFactory<AppDb> databases)
{
    /// <summary>The session and its user's present roles; null when it has ended or never was.</summary>
    public ValueTask<LiveSession?> FindAsync(Guid id, CancellationToken ct)
        => cache.GetOrSetAsync<LiveSession?>(
            CacheKeys.Session(id),
            async (entry, token) =>
            {
                var session = await LoadAsync(id, token);
                if (session is null)
                    entry.Options.Duration = CacheSetup.AbsentDuration;
                else
                    entry.Tags = [CacheKeys.SessionTag(id), CacheKeys.UserTag(session.UserId)];
                // A session that was ended must not come back because the database cannot be asked just now.
                entry.Options.IsFailSafeEnabled = false;
                return session;
            },
            token: ct);

    async Task<LiveSession?> LoadAsync(Guid id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var row = await db.Sessions
            .Where(s => s.Id == id && s.EndedAt == null)
            .Join(db.Users, s => s.UserId, u => u.Id, (s, u) => new { u.Id, u.Roles })
            .FirstOrDefaultAsync(ct);
        return row is null ? null : new LiveSession(id, row.Id, row.Roles);
    }
}

/// <summary>A session that has not ended.</summary>
public sealed class LiveSession(Guid id, Guid userId, Roles roles)
{
    /// <summary>Whose session it is.</summary>
    public Guid UserId => userId;

    /// <summary>The caller, as endpoints see it; shared by all requests of the session.</summary>
    public ClaimsPrincipal Principal { get; } = new(new ClaimsIdentity(
        [
            new Claim(Claims.Subject, userId.ToString()),
            new Claim(Claims.Session, id.ToString()),
            .. roles.Names().Select(name => new Claim(Claims.Role, name)),
        ],
        authenticationType: "Bearer",
        nameType: Claims.Subject,
        roleType: Claims.Role));
}
