using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Transfers.Get;

/// <summary>Shows a transfer to the owner of either account and to administrators.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure() => Get("/transfers/{id:uuid}");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var transfer = await data.FindAsync(req.Id, User.Id(), User.IsInRole(RoleNames.Admin), ct)
            ?? throw new NotFoundException();
        await Send.DataAsync(transfer, ct);
    }
}
