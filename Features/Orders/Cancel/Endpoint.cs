using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Orders.Cancel;

/// <summary>Gives up an order of the caller's that is not paid yet; its stock can be ordered again.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/orders/{id:uuid}/cancel");
        Description(d => d.Refuses(ErrorCodes.InvalidState));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
        => await Send.DataAsync(await data.CancelAsync(req.Id, User.Id(), ct), ct);
}
