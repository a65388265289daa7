using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Orders.Get;

/// <summary>Shows an order to whoever placed it and to administrators; to everybody else there is none.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure() => Get("/orders/{id:uuid}");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var order = await data.FindAsync(req.Id, User.Id(), User.IsInRole(RoleNames.Admin), ct);
        await Send.DataAsync(order ?? throw new NotFoundException(), ct);
    }
}
