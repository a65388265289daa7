using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Idempotency;

namespace SliceApi.Features.Orders.Place;

/// <summary>Turns a basket into an order at today's prices, taking the stock it needs, or takes nothing.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/orders");
        Description(d => d.Creates().TakesKey().Refuses(
            ErrorCodes.OutOfStock, ErrorCodes.CurrencyMismatch, ErrorCodes.Conflict));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var request = IdempotentRequest.Of(HttpContext, req, IdempotentRequest.Keep);
        await Send.AnswerAsync(await data.PlaceAsync(request, req, ct), ct);
    }
}
