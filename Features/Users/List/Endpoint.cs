using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.List;

/// <summary>Lists users page by page for administrators, filtered, sorted, with the latest orders if wanted.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, IReadOnlyList<Response>>
{
    public override void Configure()
    {
        Get("/users");
        Roles(RoleNames.Admin);
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var (users, total) = await data.ListAsync(req, ct);
        await Send.PageAsync(users, req.Page, req.PageSize, total, ct);
    }
}
