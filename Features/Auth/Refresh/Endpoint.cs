using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;

namespace SliceApi.Features.Auth.Refresh;

/// <summary>Exchanges a refresh token for a new pair; a token that was exchanged before ends the session.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/auth/refresh");
        AllowAnonymous();
        Description(d => d.Refuses(
            ErrorCodes.InvalidToken, ErrorCodes.TokenExpired, ErrorCodes.SessionEnded, ErrorCodes.ReuseDetected));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var pair = await data.ExchangeAsync(req.RefreshToken, HttpContext.Connection.RemoteIpAddress, ct);
        await Send.DataAsync(pair, ct);
    }
}
