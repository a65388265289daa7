using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.EndOtherSessions;

sealed class Data(Writer writer, SessionEnder sessions)
{
    public Task EndAsync(Guid userId, Guid current, CancellationToken ct)
        => writer.RunAsync((scope, ct) => sessions.EndAsync(scope, s => s.UserId == userId && s.Id != current, ct), ct);
}
