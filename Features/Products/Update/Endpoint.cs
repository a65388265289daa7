using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Http.OpenApi;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Products.Update;

/// <summary>Changes a product; only what is sent. Orders that were placed keep their prices.</summary>
sealed class Endpoint(Data data) : ApiEndpoint<Request, Response>
{
    public override void Configure()
    {
        Patch("/products/{id:uuid}");
        Roles(RoleNames.Admin);
        Description(d => d.RequiresIfMatch().Refuses(ErrorCodes.Conflict));
    }

    public override async Task HandleAsync(Request req, CancellationToken ct)
    {
        var product = await data.UpdateAsync(IfMatch.Of(HttpContext), req, ct);
        await Send.ChangedAsync(product, product.Version, ct);
    }
}
