using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.ChangePassword;

/// <summary>Gives the caller a new password and ends every session but the current one.</summary>
sealed class Endpoint(Data data, SecurityLog log) : FastEndpoints.Endpoint<Request>
{
    public override void Configure()
    {
        Post("/auth/password");
        Description(d => d.Refuses(ErrorCodes.InvalidCredentials));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        if (Rules.IsGuessable(req.NewPassword, await data.EmailAsync(User.Id(), ct)))
            ThrowError(r => r.NewPassword, Rules.GuessablePassword);
        var from = HttpContext.Connection.RemoteIpAddress;
        if (!await data.ChangeAsync(User.Id(), User.SessionId(), req, from, ct))
        {
            log.PasswordRefused(User.Id(), from);
            throw new InvalidCredentials();
        }

        log.PasswordChanged(User.Id(), from);
        await Send.NothingAsync(ct);
    }
}
