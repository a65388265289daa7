using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Accounts.Deposit;

sealed class Data(OnceWriter once, TimeProvider clock)
{
    public Task<Answer> DepositAsync(IdempotentRequest request, Request req, CancellationToken ct)
        => once.RunAsync(
            request,
            async (scope, ct) =>
            {
                var now = clock.GetUtcNow();
                var currency = await scope.Db.Accounts
                    .Where(a => a.Id == req.Id && a.Kind == AccountKind.User)
                    .Select(a => a.Currency)
                    .FirstOrDefaultAsync(ct) ?? throw new NotFoundException();
                var external = scope.OwnAccount(AccountKind.External, currency, now);
                var done = scope.Post(new Posting(external, req.Id, req.AmountMinor, req.Reference), now);
                return Reply.Created(
                    $"/transfers/{done.Id}",
                    new Response(done.Id, external, req.Id, req.AmountMinor, done.Currency, req.Reference, done.At));
            },
            ct);
}
