using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Ledger.Verify;

/// <summary>Recounts the books: every transfer's entries, every account's balance.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Response>
{
    public override void Configure()
    {
        Get("/ledger/verify");
        Roles(RoleNames.Admin);
    }

    public override async Task HandleAsync(CancellationToken ct)
        => await Send.DataAsync(await data.VerifyAsync(ct), ct);
}
