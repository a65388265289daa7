using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Features.Accounts.Get;

// Not cached: a balance is what it is now.
sealed class Data(AppDb db)
{
    public Task<Response?> FindAsync(Guid id, Guid caller, bool everybodys, CancellationToken ct)
        => db.Accounts
            .Where(a => a.Id == id && (everybodys || a.UserId == caller))
            .Select(a => new Response(a.Id, a.Name, a.Currency, a.BalanceMinor, a.CreatedAt))
            .FirstOrDefaultAsync(ct);
}
