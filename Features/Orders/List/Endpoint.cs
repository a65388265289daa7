using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Orders.List;

/// <summary>Lists the caller's orders with their lines, newest first; administrators see everybody's.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, IReadOnlyList<Response>>
{
    public override void Configure()
    {
        Get("/orders");
        Description(d => d.Refuses(ErrorCodes.Forbidden));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var everybodys = User.IsInRole(RoleNames.Admin);
        if (!everybodys && req.UserId is { } owner && owner != User.Id())
            throw new ForbiddenException("Only administrators see the orders of others.");
        await Send.ListAsync(await data.ListAsync(User.Id(), everybodys, req, ct), ct);
    }
}
