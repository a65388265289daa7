using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Audit.OnUserCreated;

sealed class Data(Writer writer)
{
    public Task AddAsync(UserCreated created, CancellationToken ct)
        => writer.RunAsync(
            async (scope, ct) =>
            {
                // Delivered again: the entry is there.
                if (await scope.Db.AuditEntries.AnyAsync(e => e.EventId == created.Origin.Id, ct))
                    return;
                scope.Db.Add(new AuditEntry(
                    created.Origin.Id, "user.created", created.UserId, created.Origin.RequestId, created.Origin.At));
                await scope.Db.SaveChangesAsync(ct);
            },
            ct);
}
