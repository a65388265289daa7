using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Accounts.Get;

/// <summary>Shows an account and what it holds right now to its owner and to administrators.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure() => Get("/accounts/{id:uuid}");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var account = await data.FindAsync(req.Id, User.Id(), User.IsInRole(RoleNames.Admin), ct)
            ?? throw new NotFoundException();
        await Send.DataAsync(account, ct);
    }
}
