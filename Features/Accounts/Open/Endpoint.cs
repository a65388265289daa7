using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Idempotency;

namespace SliceApi.Features.Accounts.Open;

/// <summary>
/// Opens an account in one currency, empty. Sent twice under one <c>Idempotency-Key</c> it opens one.
/// </summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/accounts");
        Description(d => d.Creates().TakesKey());
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var answer = await data.OpenAsync(IdempotentRequest.Of(HttpContext, req, IdempotentRequest.Keep), req, ct);
        await Send.AnswerAsync(answer, ct);
    }
}
