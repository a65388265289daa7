using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Features.Transfers.Make;

sealed class Data(OnceWriter once, TimeProvider clock)
{
    // The receiving account must be somebody's: the books' own are out of everybody's reach.
    const string ReachableSql = """
        SELECT count(*) FROM Accounts WHERE (Id = $from AND UserId = $caller) OR (Id = $to AND UserId IS NOT NULL)
        """;

    public Task<Answer> TransferAsync(IdempotentRequest request, Request req, CancellationToken ct)
        => once.RunAsync(request, (scope, _) => Task.FromResult(Transfer(scope, request.UserId, req)), ct);

    Reply<Response> Transfer(WriteScope scope, Guid caller, Request req)
    {
        using (var reachable = scope.Prepare(ReachableSql).Query(req.FromAccountId, caller, req.ToAccountId))
        {
            if (!reachable.Read() || reachable.Number(0) != 2)
                throw new NotFoundException();
        }

        var done = scope.Post(
            new Posting(req.FromAccountId, req.ToAccountId, req.AmountMinor, req.Reference), clock.GetUtcNow());
        return Reply.Created(
            $"/transfers/{done.Id}",
            new Response(
                done.Id, req.FromAccountId, req.ToAccountId, req.AmountMinor, done.Currency, req.Reference, done.At));
    }
}
