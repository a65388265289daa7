using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Auth.ListSessions;

sealed class Data(AppDb db, Settings settings, TimeProvider clock)
{
    public async Task<IReadOnlyList<Response>> ListAsync(Guid userId, Guid current, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var unusedSince = now - TimeSpan.FromDays(settings.Sessions.RefreshDays);
        var bornBefore = now - TimeSpan.FromDays(settings.Sessions.AbsoluteDays);
        return await db.Sessions
            .Where(s => s.UserId == userId
                && s.EndedAt == null && s.LastUsedAt > unusedSince && s.CreatedAt > bornBefore)
            .OrderByDescending(s => s.LastUsedAt)
            .Take(Session.MaxPerUser)
            .Select(s => new Response(s.Id, s.Device, s.CreatedAt, s.LastUsedAt, s.Id == current))
            .ToListAsync(ct);
    }
}
