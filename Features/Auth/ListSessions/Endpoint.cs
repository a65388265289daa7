using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.ListSessions;

/// <summary>Lists the caller's living sessions, the last used first.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<IReadOnlyList<Response>>
{
    public override void Configure() => Get("/auth/sessions");

    public override async Task HandleAsync(CancellationToken ct)
        => await Send.DataAsync(await data.ListAsync(User.Id(), User.SessionId(), ct), ct);
}
