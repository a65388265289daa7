using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;

// Endpoints that exist to be documented: slices in the application's shape, with all that a document can say of them.

namespace Tests.StandIns.Documented.Orders.Place
{
    enum Speed { Slow, VeryFast }

    sealed record Request(
        [property: FromHeader("Idempotency-Key", isRequired: false)] string? IdempotencyKey,
        IReadOnlyList<Request.Line> Lines,
        string? Note = null,
        string? Email = null,
        Speed Speed = Speed.Slow)
    {
        public sealed record Line(Guid ProductId, int Quantity, string Sku, decimal Weight);

        [FromClaim("sub", isRequired: false)]
        public string? Buyer { get; init; }
    }

    sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Lines).NotEmpty();
            RuleFor(r => r.Note).Length(3, 200).Matches("^[a-z]+$");
            RuleFor(r => r.Email).NotEmpty().EmailAddress().MaximumLength(254);
            RuleFor(r => r.Note).MaximumLength(7).When(r => r.Email is null);
            When(r => r.Email is null, () => RuleFor(r => r.Note).MaximumLength(5));
            RuleForEach(r => r.Lines).ChildRules(line =>
            {
                line.RuleFor(l => l.Quantity).InclusiveBetween(1, 1000);
                line.RuleFor(l => l.Sku).NotEmpty().MinimumLength(2);
                line.RuleFor(l => l.Weight).GreaterThan(0).LessThanOrEqualTo(2.5m);
            });
        }
    }

    sealed record Response(Guid Id, string? Note, IReadOnlyList<Response.Line> Lines, DateTimeOffset At)
    {
        public sealed record Line(string Sku, long PriceMinor);
    }

    /// <summary>Turns a basket into an order.</summary>
    sealed class Endpoint : Endpoint<Request, Envelope<Response>>
    {
        public override void Configure()
        {
            Post("/orders");
            Summary(s =>
            {
                s.Description = "Takes the stock or nothing.";
                s.ExampleRequest = new Request("k", [new(Guid.Empty, 2, "a-1", 1)], Speed: Speed.VeryFast);
                s.Params["idempotencyKey"] = "Makes a repeated request harmless.";
                s.Responses[200] = "The order.";
                s.Params["note"] = "Free text.";
                s.Responses[409] = "Not enough of it.";
                s.Responses[503] = "Come back later.";
                s.ResponseExamples[200] = new Envelope<Response>(new(Guid.Empty, null, [], default));
            });
            Description(b => b.Produces<Envelope<Failure>>(409, "application/json"));
        }

        public override Task HandleAsync(Request req, CancellationToken ct) => Task.CompletedTask;
    }
}

namespace Tests.StandIns.Documented.Orders.Pay
{
    sealed record Request([property: RouteParam] Guid Id);

    sealed record Response(bool Paid);

    sealed class Endpoint : Endpoint<Request, Response>
    {
        public override void Configure()
        {
            Post("/orders/{id:guid}/pay");
            Roles("admin");
            Summary(s => s.Summary = "Pays.");
        }

        public override Task HandleAsync(Request req, CancellationToken ct) => Task.CompletedTask;
    }
}

namespace Tests.StandIns.Documented.Products.List
{
    sealed record Request([property: QueryParam] int Limit = 20, string? Q = null, decimal Price = 1);

    sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Limit).InclusiveBetween(1, 100);
            RuleFor(r => r.Q).NotEmpty().MaximumLength(100);
            RuleFor(r => r.Price).GreaterThan(0).LessThanOrEqualTo(2.5m);
        }
    }

    /// <param name="Sku">Names the product.</param>
    /// <param name="Stock">How many there are.</param>
    sealed record Response(string Sku, int Stock);

    sealed class Endpoint : Endpoint<Request, IReadOnlyList<Response>>
    {
        public override void Configure()
        {
            Get("/products");
            AllowAnonymous();
        }

        public override Task HandleAsync(Request req, CancellationToken ct) => Task.CompletedTask;
    }
}

namespace Tests.StandIns.Documented.Products.Drop
{
    sealed class Endpoint : EndpointWithoutRequest
    {
        public override void Configure() => Delete("/products/{id}");

        public override Task HandleAsync(CancellationToken ct) => Task.CompletedTask;
    }
}

namespace Tests.StandIns.Documented.Products.Put
{
    sealed class Request
    {
        [RouteParam]
        public string Sku { get; set; } = "";

        [FromBody]
        public Facts Body { get; set; } = new();

        [QueryParam]
        public bool Force { get; set; }

        [FromClaim("secret", isRequired: false)]
        public bool Secret { get; set; }

        public sealed record Facts(string Name = "", Guid Brand = default);
    }

    sealed class Endpoint : Endpoint<Request>
    {
        public override void Configure() => Put("/products/{sku}/facts");

        public override Task HandleAsync(Request req, CancellationToken ct) => Task.CompletedTask;
    }
}

namespace Tests.StandIns.Documented
{
    sealed record Envelope<T>(T Data);

    sealed record Failure(string Code);
}
