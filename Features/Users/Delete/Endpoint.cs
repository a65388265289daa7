using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.Delete;

/// <summary>
/// Deletes a user, or closes and anonymises one who has accounts or orders; all sessions end at once.
/// </summary>
sealed class Endpoint(Data data) : FastEndpoints.Endpoint<Request>
{
    public override void Configure()
    {
        Delete("/users/{id:uuid}");
        Roles(RoleNames.Admin);
        Description(d => d.RequiresIfMatch().Refuses(ErrorCodes.InvalidState));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        await data.DeleteAsync(req.Id, IfMatch.Of(HttpContext), ct);
        await Send.NothingAsync(ct);
    }
}
