using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.EndSession;

sealed class Data(Writer writer, SessionEnder sessions)
{
    /// <summary>Says whether there was one: somebody else's is as good as none.</summary>
    public async Task<bool> EndAsync(Guid userId, Guid sessionId, CancellationToken ct)
        => await writer.RunAsync(
            (scope, ct) => sessions.EndAsync(scope, s => s.Id == sessionId && s.UserId == userId, ct), ct) > 0;
}
