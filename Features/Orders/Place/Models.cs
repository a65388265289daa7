using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Features.Orders.Place;

/// <param name="Lines">What is ordered: 1 to 50 products, each once.</param>
sealed record Request(IReadOnlyList<Request.Line> Lines)
{
    public sealed record Line(Guid ProductId, int Quantity);
}

sealed class Validator : Validator<Request>
{
    public Validator()
    {
        RuleFor(r => r.Lines).NotEmpty();
        RuleFor(r => r.Lines)
            .Must(lines => lines.Count <= Order.MaxLines)
            .WithMessage($"An order holds at most {Order.MaxLines} lines.")
            .When(r => r.Lines is not null);
        When(r => r.Lines?.Count <= Order.MaxLines, () =>
        {
            RuleForEach(r => r.Lines).NotNull().ChildRules(line =>
            {
                line.RuleFor(l => l.ProductId).NotEmpty();
                line.RuleFor(l => l.Quantity).InclusiveBetween(1, OrderLine.MaxQuantity);
            });
            RuleFor(r => r.Lines)
                .Must(lines => lines.OfType<Request.Line>().GroupBy(l => l.ProductId).All(same => same.Count() == 1))
                .WithMessage("Each product may appear once.");
        });
    }
}

sealed record Response(
    Guid Id,
    Guid UserId,
    string Status,
    long TotalMinor,
    string Currency,
    DateTimeOffset CreatedAt,
    IReadOnlyList<Response.Line> Lines)
{
    public sealed record Line(Guid ProductId, string Sku, string Name, int Quantity, long PriceMinor);
}
