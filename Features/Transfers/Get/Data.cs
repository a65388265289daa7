using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Features.Transfers.Get;

sealed class Data(AppDb db)
{
    public Task<Response?> FindAsync(Guid id, Guid caller, bool everybodys, CancellationToken ct)
        => db.Transfers
            .Where(t => t.Id == id && (everybodys
                || db.Accounts.Any(a => (a.Id == t.FromAccountId || a.Id == t.ToAccountId) && a.UserId == caller)))
            .Select(t => new Response(
                t.Id, t.FromAccountId, t.ToAccountId, t.AmountMinor, t.Currency, t.Reference, t.CreatedAt))
            .FirstOrDefaultAsync(ct);
}
