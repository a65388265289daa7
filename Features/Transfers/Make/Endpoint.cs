using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;

namespace SliceApi.Features.Transfers.Make;

/// <summary>Moves money from an account of the caller's to any other of the same currency, once for each <c>Idempotency-Key</c>.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure() => Post("/transfers");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var request = IdempotentRequest.WithKey(HttpContext, req, IdempotentRequest.KeepForMoney);
        await Send.AnswerAsync(await data.TransferAsync(request, req, ct), ct);
    }
}
