using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Idempotency;

namespace SliceApi.Features.Transfers.Make;

/// <summary>
/// Moves money from an account of the caller's to any other of the same currency, once for each
/// <c>Idempotency-Key</c>.
/// </summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/transfers");
        Description(d => d.Creates().RequiresKey().Refuses(
            ErrorCodes.NotFound, ErrorCodes.InvalidState, ErrorCodes.InsufficientFunds,
            ErrorCodes.CurrencyMismatch, ErrorCodes.Conflict));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var request = IdempotentRequest.WithKey(HttpContext, req, IdempotentRequest.KeepForMoney);
        await Send.AnswerAsync(await data.TransferAsync(request, req, ct), ct);
    }
}
