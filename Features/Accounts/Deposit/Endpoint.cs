using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Accounts.Deposit;

/// <summary>
/// Puts money that came from outside into an account: a transfer from the currency's external account.
/// </summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/accounts/{id:uuid}/deposits");
        Roles(RoleNames.Admin);
        Description(d => d.Creates().RequiresKey().Refuses(ErrorCodes.InvalidState, ErrorCodes.Conflict));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var request = IdempotentRequest.WithKey(HttpContext, req, IdempotentRequest.KeepForMoney);
        await Send.AnswerAsync(await data.DepositAsync(request, req, ct), ct);
    }
}
