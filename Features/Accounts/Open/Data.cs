using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Accounts.Open;

sealed class Data(OnceWriter once, TimeProvider clock)
{
    public Task<Answer> OpenAsync(IdempotentRequest request, Request req, CancellationToken ct)
        => once.RunAsync(
            request,
            async (scope, ct) =>
            {
                var account = new Account(AccountKind.User, request.UserId, req.Name, req.Currency, clock.GetUtcNow());
                scope.Db.Add(account);
                await scope.Db.SaveChangesAsync(ct);
                return Reply.Created(
                    $"/accounts/{account.Id}",
                    new Response(account.Id, account.Name, account.Currency, account.BalanceMinor, account.CreatedAt));
            },
            ct);
}
