using System.Net;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;
using ZiggyCreatures.Caching.Fusion;

namespace SliceApi.Features.Auth.Refresh;

sealed class Data(
    Writer writer, Tokens tokens, IFusionCache cache, SecurityLog log, Settings settings, TimeProvider clock)
{
    TimeSpan Grace => TimeSpan.FromSeconds(settings.Sessions.RefreshGraceSeconds);

    public async Task<Response> ExchangeAsync(string refreshToken, IPAddress? from, CancellationToken ct)
    {
        if (!tokens.TryReadRefresh(refreshToken, out var sessionId, out var counter))
            throw new InvalidToken();
        var (user, refusal) = await writer.RunAsync(
            (scope, ct) => ExchangeAsync(scope, sessionId, counter, from, ct), ct);
        if (user is null)
            throw refusal!;
        return new Response(
            tokens.Access(user, sessionId),
            // Raised once, however many sent the same token at the same time: all get the same next one.
            tokens.Refresh(sessionId, counter + 1),
            "Bearer",
            (int)tokens.AccessLifetime.TotalSeconds,
            (int)tokens.RefreshLifetime.TotalSeconds);
    }

    // A refusal is returned, not thrown: a session that ends because of it must stay ended.
    async Task<(User? User, UnauthorizedException? Refusal)> ExchangeAsync(
        WriteScope scope, Guid id, long counter, IPAddress? from, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var unusedSince = now - TimeSpan.FromDays(settings.Sessions.RefreshDays);
        var bornBefore = now - TimeSpan.FromDays(settings.Sessions.AbsoluteDays);
        var live = scope.Db.Sessions.Where(s => s.Id == id && s.EndedAt == null
            && s.LastUsedAt > unusedSince && s.CreatedAt > bornBefore);

        // One guarded UPDATE decides who exchanges the token.
        var exchanged = await live.Where(s => s.Counter == counter).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Counter, counter + 1)
                .SetProperty(x => x.RotatedAt, now)
                .SetProperty(x => x.GraceUses, 0)
                .SetProperty(x => x.LastUsedAt, now),
            ct);
        var session = await scope.Db.Sessions.AsNoTracking().FirstOrDefaultAsync(s => s.Id == id, ct);
        if (session is null || session.EndedAt is not null)
            return (null, new SessionEnded());
        if (session.LastUsedAt <= unusedSince || session.CreatedAt <= bornBefore)
            return (null, new SessionExpired());
        // Ahead of the row: the database is an older copy. Nobody did wrong, and nothing can be said of the token.
        if (counter > session.Counter)
            return (null, new InvalidToken());
        if (exchanged == 0 && !await HonourPreviousAsync(scope, session, counter, now, ct))
        {
            await EndAsync(scope, session, now, from, ct);
            return (null, new ReuseDetected());
        }

        return (await scope.Db.Users.AsNoTracking().SingleAsync(u => u.Id == session.UserId, ct), null);
    }

    // A lost response or two tabs: for a moment the previous token still answers what it answered.
    async Task<bool> HonourPreviousAsync(
        WriteScope scope, Session session, long counter, DateTimeOffset now, CancellationToken ct)
    {
        // A clock that was set back makes an age negative: it starts again from now, once, and not for the whole step.
        var rotatedAt = session.RotatedAt > now ? now : session.RotatedAt;
        if (counter != session.Counter - 1 || Grace == TimeSpan.Zero || now - rotatedAt > Grace)
            return false;
        return await scope.Db.Sessions
            .Where(s => s.Id == session.Id && s.GraceUses < Session.MaxGraceUses)
            .ExecuteUpdateAsync(
                s => s.SetProperty(x => x.GraceUses, x => x.GraceUses + 1).SetProperty(x => x.RotatedAt, rotatedAt),
                ct) == 1;
    }

    async Task EndAsync(WriteScope scope, Session session, DateTimeOffset now, IPAddress? from, CancellationToken ct)
    {
        await scope.Db.Sessions.Where(s => s.Id == session.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, now), ct);
        scope.Publish(new SessionReuseDetected(session.Id, session.UserId));
        scope.AfterCommit(() =>
        {
            log.ReuseDetected(session.UserId, session.Id, from);
            return cache.RemoveByTagAsync(CacheKeys.SessionTag(session.Id));
        });
    }
}
