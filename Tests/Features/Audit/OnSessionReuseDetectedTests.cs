using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;

namespace Tests.Features.Audit;

public sealed class OnSessionReuseDetectedTests(App app)
{
    [Fact]
    public async Task Writes_it_down_once_however_often_it_is_told()
    {
        var detected = new SessionReuseDetected(Guid.CreateVersion7(), Guid.CreateVersion7());
        // Far below the ids that are given out; the name of this test's event alone.
        var id = -Random.Shared.NextInt64(long.MaxValue);
        await app.DeliverAgainAsync(id, detected);
        await app.DeliverAgainAsync(id, detected);
        var entry = await app.InDatabaseAsync(db => db.AuditEntries.SingleAsync(
            e => e.Entity == detected.SessionId, TestContext.Current.CancellationToken));
        Assert.Equal("session.reuse_detected", entry.Action);
        Assert.Equal("the-request", entry.RequestId);
    }
}
