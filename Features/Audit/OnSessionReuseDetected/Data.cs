using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Audit.OnSessionReuseDetected;

sealed class Data(Writer writer)
{
    public Task AddAsync(SessionReuseDetected detected, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                // Delivered again: the entry is there.
                if (await scope.Db.AuditEntries.AnyAsync(e => e.EventId == detected.Origin.Id, ct))
                    return;
                scope.Db.Add(new AuditEntry(
                    detected.Origin.Id,
                    "session.reuse_detected",
                    detected.SessionId,
                    detected.Origin.RequestId,
                    detected.Origin.At));
                await scope.Db.SaveChangesAsync(ct);
            },
            ct);
}
