using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Users.List;

/// <param name="Page">From 1.</param>
/// <param name="PageSize">How many users a page holds.</param>
/// <param name="Email">Only users whose address begins like this, in whatever case.</param>
/// <param name="Role">Only users with this role.</param>
/// <param name="Sort"><c>-createdAt</c> is newest first.</param>
/// <param name="Include"><c>orders</c>: each user's latest 10 orders, too.</param>
sealed record Request(
    [property: QueryParam] int Page = 1,
    [property: QueryParam] int PageSize = 20,
    [property: QueryParam] string? Email = null,
    [property: QueryParam] string? Role = null,
    [property: QueryParam] string Sort = "-createdAt",
    [property: QueryParam] string? Include = null);

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Page).Page();
        RuleFor(r => r.PageSize).PageSize();
        RuleFor(r => r.Email).OptionalLine(User.MaxEmailLength);
        RuleFor(r => r.Role).OneOf(RoleNames.User, RoleNames.Admin).When(r => r.Role is not null);
        RuleFor(r => r.Sort).OneOf("createdAt", "-createdAt", "email");
        RuleFor(r => r.Include).OneOf("orders").When(r => r.Include is not null);
    }
}

sealed record Response(
    Guid Id,
    string Email,
    string Name,
    IReadOnlyList<string> Roles,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<Response.Order>? Orders = null)
{
    public sealed record Order(
        Guid Id,
        string Status,
        long TotalMinor,
        string Currency,
        DateTimeOffset CreatedAt,
        IReadOnlyList<OrderLine> Lines);

    public sealed record OrderLine(Guid ProductId, string Sku, string Name, int Quantity, long PriceMinor);
}
