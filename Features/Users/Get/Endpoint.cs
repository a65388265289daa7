using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.Get;

/// <summary>Shows a user, with the latest orders if wanted, to the user and administrators; others find none.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Get("/users/{id:uuid}");
        Description(d => d.Versioned());
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        if (req.Id != User.Id() && !User.IsInRole(RoleNames.Admin))
            throw new NotFoundException();
        var user = await data.FindAsync(req.Id, ct) ?? throw new NotFoundException();
        // The version is the user's: it says nothing of the orders, and so the answer with them has no ETag.
        await (req.Include is null
            ? Send.VersionedAsync(user, user.Version, ct)
            : Send.DataAsync(user with { Orders = await data.OrdersAsync(req.Id, ct) }, ct));
    }
}
