using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;

namespace SliceApi.Features.Products.Get;

/// <summary>Shows a product to anyone, with an <c>ETag</c> to ask again cheaply and to change it safely.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Get("/products/{id:uuid}");
        AllowAnonymous();
        Description(d => d.Versioned());
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var product = await data.FindAsync(req.Id, ct) ?? throw new NotFoundException();
        await Send.VersionedAsync(product, product.Version, ct);
    }
}
