using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Features.Ledger.Verify;

sealed class Data(LedgerAudit audit)
{
    public async Task<Response> VerifyAsync(CancellationToken ct)
    {
        var found = await audit.RunAsync(ct);
        return new Response(
            found.Mismatches.Count == 0,
            found.Accounts,
            found.Transfers,
            found.Entries,
            [.. found.Mismatches.Select(m => new Response.Mismatch(m.Kind, m.Id))]);
    }
}
