using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Users.GetMe;

/// <summary>Tells the caller who they are, with an <c>ETag</c> to ask again cheaply and to change it safely.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Response>
{
    public override void Configure()
    {
        Get("/users/me");
        Description(d => d.Versioned().Refuses(ErrorCodes.NotFound));
    }

    public override async Task HandleAsync(CancellationToken ct)
    {
        var user = await data.FindAsync(User.Id(), ct) ?? throw new NotFoundException();
        await Send.VersionedAsync(user, user.Version, ct);
    }
}
