using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Infrastructure.Security;

/// <summary>Ends sessions so that the very next request with one of their tokens is refused.</summary>
public sealed class SessionEnder(IFusionCache cache, TimeProvider clock)
{
    // By then whoever ended a session has dropped it from the cache.
    static readonly TimeSpan Dropped = TimeSpan.FromMinutes(1);

    /// <summary>Ends the living sessions among <paramref name="which"/>, in the caller's unit of writing.</summary>
    /// <returns>How many it ended.</returns>
    public async Task<int> EndAsync(WriteScope scope, Expression<Func<Session, bool>> which, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var justNow = now - Dropped;
        var sessions = scope.Db.Sessions.Where(which);
        // Those too that another request has just ended: this one may be answered before the other has come to drop
        // them from the cache.
        var ids = await sessions.Where(s => s.EndedAt == null || s.EndedAt > justNow).Select(s => s.Id).ToListAsync(ct);
        foreach (var id in ids)
            scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.SessionTag(id)));
        return await sessions.Where(s => s.EndedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, now), ct);
    }

    /// <summary>
    /// Deletes all but the latest of a user's ended sessions: what reads a user's sessions must not take longer with
    /// every login there ever was. Their tokens are refused as before.
    /// </summary>
    public Task ForgetAsync(WriteScope scope, Guid userId, CancellationToken ct)
    {
        var justNow = clock.GetUtcNow() - Dropped;
        var sessions = scope.Db.Sessions;
        var kept = sessions
            .Where(s => s.UserId == userId && s.EndedAt != null)
            .OrderByDescending(s => s.EndedAt)
            .Take(Session.MaxEndedPerUser)
            .Select(s => s.Id);
        return sessions
            .Where(s => s.UserId == userId && s.EndedAt <= justNow && !kept.Contains(s.Id))
            .ExecuteDeleteAsync(ct);
    }
}

/// <summary>401: the session is over.</summary>
public sealed class SessionEnded()
    : UnauthorizedException(ErrorCodes.SessionEnded, "This session has ended. Sign in again.");
