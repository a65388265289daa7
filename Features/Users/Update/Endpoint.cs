using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.Update;

/// <summary>
/// Changes a user's name, e-mail address or roles; only what is sent. New roles count from the next request on.
/// </summary>
sealed class Endpoint(Data data, SecurityLog log) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Patch("/users/{id:uuid}");
        Roles(RoleNames.Admin);
        Description(d => d.RequiresIfMatch().Refuses(ErrorCodes.EmailTaken, ErrorCodes.InvalidState));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var user = await data.UpdateAsync(IfMatch.Of(HttpContext), req, ct);
        if (req.Roles.IsGiven)
        {
            log.RolesChanged(
                user.Id, string.Join(' ', user.Roles), User.Id(), HttpContext.Connection.RemoteIpAddress);
        }

        await Send.ChangedAsync(user, user.Version, ct);
    }
}
