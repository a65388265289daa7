using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;

namespace SliceApi.Features.Auth.Register;

/// <summary>Makes an account for whoever asks, or says that the e-mail address has one.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/auth/register");
        AllowAnonymous();
        Description(d => d.Creates().Refuses(ErrorCodes.EmailTaken));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var user = await data.CreateAsync(req, ct);
        await Send.CreatedAsync($"/users/{user.Id}", user, ct);
    }
}
