using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;

namespace SliceApi.Features.Auth.Login;

/// <summary>Exchanges an e-mail address and its password for an access token and a refresh token.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/auth/login");
        AllowAnonymous();
        Description(d => d.Refuses(ErrorCodes.InvalidCredentials));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var pair = await data.LogInAsync(req, HttpContext.Connection.RemoteIpAddress, ct)
            ?? throw new InvalidCredentials();
        await Send.DataAsync(pair, ct);
    }
}
