using FastEndpoints;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.Logout;

/// <summary>Ends the session that the request came with, at once.</summary>
sealed class Endpoint(Data data) : EndpointWithoutRequest
{
    public override void Configure() => Post("/auth/logout");

    public override async Task HandleAsync(CancellationToken ct)
    {
        await data.EndAsync(User.SessionId(), ct);
        await Send.NothingAsync(ct);
    }
}
