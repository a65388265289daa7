using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Products.List;

/// <summary>Lists products for anyone, newest first, all of them or those that some words are looked up for.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, IReadOnlyList<Response>>
{
    public override void Configure()
    {
        Get("/products");
        AllowAnonymous();
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
        => await Send.ListAsync(await data.ListAsync(req, ct), ct);
}
