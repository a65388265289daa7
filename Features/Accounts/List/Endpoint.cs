using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Accounts.List;

/// <summary>Lists the caller's accounts, newest first; administrators see everybody's and the books' own.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, IReadOnlyList<Response>>
{
    public override void Configure() => Get("/accounts");

    public override async Task HandleAsync(Request req, CancellationToken ct)
        => await Send.ListAsync(await data.ListAsync(User.Id(), User.IsInRole(RoleNames.Admin), req, ct), ct);
}
