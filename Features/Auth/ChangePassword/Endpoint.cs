using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.ChangePassword;

/// <summary>Gives the caller a new password and ends every session but the current one.</summary>
sealed class Endpoint(Data data) : FastEndpoints.Endpoint<Request>
{
    public override void Configure() => Post("/auth/password");

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        if (Rules.IsGuessable(req.NewPassword, await data.EmailAsync(User.Id(), ct)))
            ThrowError(r => r.NewPassword, Rules.GuessablePassword);
        if (!await data.ChangeAsync(User.Id(), User.SessionId(), req, HttpContext.Connection.RemoteIpAddress, ct))
            throw new InvalidCredentials();
        await Send.NothingAsync(ct);
    }
}
