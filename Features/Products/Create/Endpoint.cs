using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Products.Create;

/// <summary>Adds a product that can be ordered from now on.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Post("/products");
        Roles(RoleNames.Admin);
        Description(d => d.Creates().Refuses(ErrorCodes.Conflict));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var product = await data.CreateAsync(req, ct);
        await Send.CreatedAsync($"/products/{product.Id}", product, ct);
    }
}
