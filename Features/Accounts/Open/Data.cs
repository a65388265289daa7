using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Accounts.Open;

sealed class Data(OnceWriter once, TimeProvider clock)
{
    public Task<Answer> OpenAsync(IdempotentRequest request, Request req, CancellationToken ct)
        => once.RunAsync(
            request,
            async (scope, ct) =>
            {
                await scope.RequireAsync(request.UserId, ct);
                var account = new Account(AccountKind.User, request.UserId, req.Name, req.Currency, clock.GetUtcNow());
                scope.Db.Add(account);
                await scope.Db.SaveChangesAsync(ct);
                return Reply.Created(
                    $"/accounts/{account.Id}",
                    new Response(account.Id, account.Name, account.Currency, account.BalanceMinor, account.CreatedAt));
            },
            ct);
}
