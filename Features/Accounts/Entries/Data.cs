using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Features.Accounts.Entries;

sealed class Data(AppDb db, Cursors cursors)
{
    public async Task<CursorPage<Response>> ListAsync(Guid caller, Request req, CancellationToken ct)
    {
        var scope = Cursors.Scope("entries", caller, req.Id.ToString());
        var place = cursors.ReadNumber(req.Cursor, scope);
        if (!await db.Accounts.AnyAsync(a => a.Id == req.Id && a.UserId == caller, ct))
            throw new NotFoundException();
        var rows = await db.LedgerEntries
            .Where(e => e.AccountId == req.Id && e.Number < place)
            .OrderByDescending(e => e.Number)
            .Take(req.Limit + 1)
            .Join(
                db.Transfers,
                e => e.TransferId,
                t => t.Id,
                (e, t) => new { e.Number, Entry = e, t.Reference, t.CreatedAt })
            .OrderByDescending(e => e.Number)
            .Select(e => new
            {
                e.Number,
                Response = new Response(
                    e.Entry.Id,
                    e.Entry.TransferId,
                    e.Entry.AmountMinor,
                    e.Entry.BalanceAfterMinor,
                    e.Reference,
                    e.CreatedAt),
            })
            .ToListAsync(ct);
        var page = cursors.Page(rows, req.Limit, scope, row => row.Number);
        return new CursorPage<Response>([.. page.Rows.Select(row => row.Response)], page.Limit, page.Next);
    }
}
