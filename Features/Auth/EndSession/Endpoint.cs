using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.EndSession;

/// <summary>Ends one of the caller's sessions, the current one included.</summary>
sealed class Endpoint(Data data) : FastEndpoints.Endpoint<Request>
{
    public override void Configure() => Delete("/auth/sessions/{id:uuid}");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        if (!await data.EndAsync(User.Id(), req.Id, ct))
            throw new NotFoundException();
        await Send.NothingAsync(ct);
    }
}
