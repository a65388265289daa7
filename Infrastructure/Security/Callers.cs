using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Security;

/// <summary>Who asks, once it is that request's turn to write.</summary>
public static class Callers
{
    /// <summary>
    /// Makes sure that the caller has not left meanwhile: between the session gate and the write another request may
    /// have deleted or closed the user, who must not be given anything new then.
    /// </summary>
    /// <exception cref="SessionEnded">The user is gone.</exception>
    public static async Task RequireAsync(this WriteScope scope, Guid userId, CancellationToken ct)
    {
        if (!await scope.Db.Users.AnyAsync(u => u.Id == userId, ct))
            throw new SessionEnded();
    }
}
