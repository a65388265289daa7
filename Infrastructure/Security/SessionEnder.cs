using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Infrastructure.Security;

/// <summary>Ends sessions so that the very next request with one of their tokens is refused.</summary>
public sealed class SessionEnder(IFusionCache cache, TimeProvider clock)
{
    /// <summary>Ends the living sessions among <paramref name="which"/>, in the caller's unit of writing.</summary>
    /// <returns>How many it ended.</returns>
    public async Task<int> EndAsync(WriteScope scope, Expression<Func<Session, bool>> which, CancellationToken ct)
    {
        var ending = scope.Db.Sessions.Where(s => s.EndedAt == null).Where(which);
        var ids = await ending.Select(s => s.Id).ToListAsync(ct);
        var now = clock.GetUtcNow();
        await ending.ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, now), ct);
        foreach (var id in ids)
            scope.AfterCommit(() => cache.RemoveByTagAsync(CacheKeys.SessionTag(id)));
        return ids.Count;
    }
}
