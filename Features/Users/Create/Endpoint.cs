using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.Create;

/// <summary>Makes an account for somebody else, with the roles that an administrator chooses.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/users");
        Roles(RoleNames.Admin);
        Description(d => d.Creates().Refuses(ErrorCodes.EmailTaken));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var user = await data.CreateAsync(req, ct);
        await Send.CreatedAsync($"/users/{user.Id}", user, ct);
    }
}
