using FastEndpoints;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.EndOtherSessions;

/// <summary>Ends all of the caller's sessions but the current one.</summary>
sealed class Endpoint(Data data) : EndpointWithoutRequest
{
    public override void Configure() => Delete("/auth/sessions");

    public override async Task HandleAsync(CancellationToken ct)
    {
        await data.EndAsync(User.Id(), User.SessionId(), ct);
        await Send.NothingAsync(ct);
    }
}
