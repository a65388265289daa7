using FastEndpoints;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Features.Products.List;

/// <param name="Limit">How many products an answer holds.</param>
/// <param name="Cursor">Where the page before ended: its <c>nextCursor</c>.</param>
/// <param name="Q">Only products in whose name or sku each of these words begins a word, in whatever case.</param>
sealed record Request(
    [property: QueryParam] int Limit = 20,
    [property: QueryParam] string? Cursor = null,
    [property: QueryParam] string? Q = null);

sealed class Validator : Validator<Request>
{
    const int MaxSearchLength = 100;

    public Validator()
    {
        RuleFor(r => r.Limit).Limit();
        RuleFor(r => r.Q).OptionalLine(MaxSearchLength);
    }
}

sealed record Response(
    Guid Id, string Sku, string Name, long PriceMinor, string Currency, int Stock, long Version);
