using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.Get;

/// <summary>Shows a user to that user and to administrators; to everybody else there is none.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure() => Get("/users/{id:uuid}");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        if (req.Id != User.Id() && !User.IsInRole(RoleNames.Admin))
            throw new NotFoundException();
        var user = await data.FindAsync(req.Id, ct) ?? throw new NotFoundException();
        await Send.VersionedAsync(user, user.Version, ct);
    }
}
