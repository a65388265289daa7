using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SliceApi.Infrastructure.Events;

namespace Tests.Features.Audit;

public sealed class OnSessionReuseDetectedTests(App app)
{
    [Fact]
    public async Task Writes_it_down_once_however_often_it_is_told()
    {
        var detected = new SessionReuseDetected(Guid.CreateVersion7(), Guid.CreateVersion7())
        {
            Origin = new EventOrigin(long.MaxValue - Random.Shared.Next(), "the-request", DateTimeOffset.UtcNow),
        };
        var deliver = app.Services.GetRequiredService<DeliverEvent>();
        await deliver(detected, TestContext.Current.CancellationToken);
        await deliver(detected, TestContext.Current.CancellationToken);
        var entry = await app.InDatabaseAsync(db => db.AuditEntries.SingleAsync(
            e => e.Entity == detected.SessionId, TestContext.Current.CancellationToken));
        Assert.Equal("session.reuse_detected", entry.Action);
        Assert.Equal("the-request", entry.RequestId);
    }
}
