using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Features.Accounts.List;

sealed class Data(AppDb db, Cursors cursors)
{
    public async Task<CursorPage<Response>> ListAsync(Guid caller, bool everybodys, Request req, CancellationToken ct)
    {
        var scope = Cursors.Scope("accounts", caller, everybodys ? "everybody's" : null);
        var place = cursors.Read(req.Cursor, scope);
        var accounts = db.Accounts.Where(a => a.Id < place);
        if (!everybodys)
            accounts = accounts.Where(a => a.UserId == caller);
        var rows = await accounts
            .OrderByDescending(a => a.Id)
            .Take(req.Limit + 1)
            .Select(a => new Response(a.Id, a.Name, a.Currency, a.BalanceMinor, a.CreatedAt))
            .ToListAsync(ct);
        return cursors.Page(rows, req.Limit, scope, row => row.Id);
    }
}
