using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.Logout;

sealed class Data(Writer writer, SessionEnder sessions)
{
    public Task EndAsync(Guid sessionId, CancellationToken ct)
        => writer.RunAsync((scope, ct) => sessions.EndAsync(scope, s => s.Id == sessionId, ct), ct);
}
