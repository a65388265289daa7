using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Idempotency;

namespace SliceApi.Features.Orders.Pay;

/// <summary>Pays an order of the caller's from an account of the caller's: money and order move together.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/orders/{id:uuid}/pay");
        Description(d => d.TakesKey().Refuses(
            ErrorCodes.InvalidState, ErrorCodes.InsufficientFunds, ErrorCodes.CurrencyMismatch, ErrorCodes.Conflict));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var request = IdempotentRequest.Of(HttpContext, req, IdempotentRequest.KeepForMoney);
        await Send.AnswerAsync(await data.PayAsync(request, req, ct), ct);
    }
}
