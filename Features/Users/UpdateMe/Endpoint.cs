using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.UpdateMe;

/// <summary>Changes the caller's name or e-mail address; only what is sent.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Patch("/users/me");
        Description(d => d.RequiresIfMatch().Refuses(ErrorCodes.NotFound, ErrorCodes.EmailTaken));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var user = await data.UpdateAsync(User.Id(), IfMatch.Of(HttpContext), req, ct);
        await Send.ChangedAsync(user, user.Version, ct);
    }
}
