using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Accounts.Entries;

/// <summary>
/// An account's statement for its owner: what came and went, newest first, with the balance after each.
/// </summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, IReadOnlyList<Response>>
{
    public override void Configure() => Get("/accounts/{id:uuid}/entries");

    public override async Task HandleAsync(Request req, CancellationToken ct)
        => await Send.ListAsync(await data.ListAsync(User.Id(), req, ct), ct);
}
