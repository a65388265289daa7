using System.Text.Json;
using System.Text.Json.Serialization;
using FastEndpoints;
using FastEndpoints.Security;
using FastEndpoints.Swagger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;

namespace Tests.StandIns;

/// <summary>The document of a few endpoints, and the pages that show it.</summary>
public sealed class SwaggerTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<WebApplication> StartAsync(Action<DocumentOptions>? options = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthenticationJwtBearer(s => s.SigningKey = new('k', 32));
        // What is served to everyone has to say so.
        builder.Services.AddAuthorization(o => o.FallbackPolicy = o.DefaultPolicy);
        builder.Services.AddFastEndpoints(o =>
        {
            o.Assemblies = [typeof(SwaggerTests).Assembly];
            o.Filter = t => t.Namespace?.StartsWith("Tests.StandIns.Documented.", StringComparison.Ordinal) == true;
        });
        builder.Services.SwaggerDocument(o =>
        {
            o.EnableJWTBearerAuth = true;
            o.AutoTagPathSegmentIndex = 1;
            o.RemoveEmptyRequestSchema = true;
            o.TagDescriptions = d => d["Orders"] = "What was bought.";
            o.DocumentSettings = s =>
            {
                s.DocumentName = "v1";
                s.Title = "The shop";
                s.Version = "7";
                s.Description = "All of it.";
            };
            options?.Invoke(o);
        });
        var app = builder.Build();
        app.UseAuthorization();
        app.UseFastEndpoints(c =>
        {
            c.Endpoints.RoutePrefix = "api";
            c.Versioning.Prefix = "v";
            c.Versioning.DefaultVersion = 1;
            c.Versioning.PrependToRoute = true;
            c.Endpoints.NameGenerator = e => string.Concat(e.EndpointType.Namespace!.Split('.')[^2..]);
            c.Serializer.Options.NumberHandling = JsonNumberHandling.Strict;
            c.Serializer.Options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            c.Serializer.Options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            c.Serializer.Options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        });
        app.UseSwaggerGen(
            c => c.Path = "/openapi/{documentName}.json",
            ui =>
            {
                ui.Path = "/docs";
                ui.DocumentPath = "/openapi/{documentName}.json";
            });
        await app.StartAsync(Cancelled);
        return app;
    }

    static async Task<OpenApiDocument> DocumentAsync(Action<DocumentOptions>? options = null)
    {
        await using var app = await StartAsync(options);
        using var client = app.GetTestClient();
        using var json = new MemoryStream(await client.GetByteArrayAsync("/openapi/v1.json", Cancelled));
        var (document, diagnostic) = await OpenApiDocument.LoadAsync(json, "json", cancellationToken: Cancelled);
        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        return document!;
    }

    static OpenApiOperation Operation(OpenApiDocument document, HttpMethod verb, string path)
        => document.Paths[path].Operations![verb];

    static IOpenApiSchema Member(OpenApiDocument document, string schema, string member)
        => document.Components!.Schemas![schema].Properties![member];

    [Fact]
    public async Task Holds_each_endpoint_under_its_name_and_tag()
    {
        var document = await DocumentAsync();

        var info = document.Info;
        Assert.Equal(("The shop", "7", "All of it."), (info.Title, info.Version, info.Description));
        var operations = document.Paths.SelectMany(p => p.Value.Operations!
            .Select(o => $"{o.Key} {p.Key} {o.Value.OperationId} {o.Value.Tags!.Single().Name}"));
        Assert.Equal(
            [
                "DELETE /api/v1/products/{id} ProductsDrop Products", "GET /api/v1/products ProductsList Products",
                "POST /api/v1/orders OrdersPlace Orders", "POST /api/v1/orders/{id}/pay OrdersPay Orders",
                "PUT /api/v1/products/{sku}/facts ProductsPut Products",
            ],
            operations.Order(StringComparer.Ordinal));
        Assert.Equal("What was bought.", document.Tags!.Single(t => t.Name == "Orders").Description);
    }

    [Fact]
    public async Task Tags_by_another_segment_or_not_at_all()
    {
        var second = await DocumentAsync(o => o.AutoTagPathSegmentIndex = 3);
        Assert.Equal(["Facts", "Pay"], second.Tags!.Select(t => t.Name!).Order());
        Assert.Null(Operation(second, HttpMethod.Post, "/api/v1/orders").Tags);
        Assert.Null((await DocumentAsync(o => o.AutoTagPathSegmentIndex = 0)).Tags);
    }

    [Fact]
    public async Task Shows_members_where_they_are_bound_from()
    {
        var document = await DocumentAsync();

        var place = Operation(document, HttpMethod.Post, "/api/v1/orders");
        var key = Assert.Single(place.Parameters!);
        Assert.Equal(
            ("Idempotency-Key", ParameterLocation.Header, false, "Makes a repeated request harmless."),
            (key.Name, key.In, key.Required, key.Description));
        var request = document.Components!.Schemas!["OrdersPlaceRequest"];
        Assert.Equal(["email", "lines", "note", "speed"], request.Properties!.Keys.Order());

        var pay = Operation(document, HttpMethod.Post, "/api/v1/orders/{id}/pay");
        var id = Assert.Single(pay.Parameters!);
        Assert.Equal(("id", ParameterLocation.Path, true, "uuid"), (id.Name, id.In, id.Required, id.Schema!.Format));
        Assert.Null(pay.RequestBody);

        var list = Operation(document, HttpMethod.Get, "/api/v1/products");
        Assert.Equal(["limit False", "q True", "price False"], list.Parameters!.Select(p => $"{p.Name} {p.Required}"));
        Assert.All(list.Parameters!, p => Assert.Equal(ParameterLocation.Query, p.In));
        Assert.Null(list.RequestBody);

        var drop = Assert.Single(Operation(document, HttpMethod.Delete, "/api/v1/products/{id}").Parameters!);
        Assert.Equal(("id", ParameterLocation.Path, true), (drop.Name, drop.In, drop.Required));

        var put = Operation(document, HttpMethod.Put, "/api/v1/products/{sku}/facts");
        Assert.Equal(["sku Path", "force Query"], put.Parameters!.Select(p => $"{p.Name} {p.In}"));
        var body = Assert.IsType<OpenApiSchemaReference>(put.RequestBody!.Content!["application/json"].Schema);
        Assert.Equal("ProductsPutRequestFacts", body.Reference.Id);
        Assert.Equal("uuid", Member(document, "ProductsPutRequestFacts", "brand").Format);
    }

    [Fact]
    public async Task Keeps_the_empty_body_when_it_is_not_to_be_removed()
    {
        var document = await DocumentAsync(o => o.RemoveEmptyRequestSchema = false);
        Assert.NotNull(Operation(document, HttpMethod.Post, "/api/v1/orders/{id}/pay").RequestBody);
        Assert.True(document.Components!.Schemas!["OrdersPayRequest"].Properties is null or { Count: 0 });
    }

    [Fact]
    public async Task Names_the_types_of_slices_apart()
    {
        Assert.Equal(
            [
                "EnvelopeOfFailure", "EnvelopeOfOrdersPlaceResponse", "ErrorResponse", "Failure",
                "OrdersPayResponse", "OrdersPlaceRequest", "OrdersPlaceRequestLine", "OrdersPlaceResponse",
                "OrdersPlaceResponseLine", "OrdersPlaceSpeed", "ProductsListResponse", "ProductsPutRequestFacts",
            ],
            (await DocumentAsync()).Components!.Schemas!.Keys.Order(StringComparer.Ordinal));

        var numbered = (await DocumentAsync(o => o.ShortSchemaNames = true)).Components!.Schemas!;
        Assert.All(
            (string[])["Response", "Response2", "Response3", "Request"], name => Assert.Contains(name, numbered));
        Assert.Equal(12, numbered.Count);
    }

    [Fact]
    public async Task Says_what_validators_ask_for()
    {
        var document = await DocumentAsync();

        var request = document.Components!.Schemas!["OrdersPlaceRequest"];
        Assert.Equal(["email", "lines"], request.Required!.Order());
        Assert.False(request.AdditionalPropertiesAllowed);
        var lines = Member(document, "OrdersPlaceRequest", "lines");
        Assert.Equal((JsonSchemaType.Array, 1), (lines.Type, lines.MinItems));
        var email = Member(document, "OrdersPlaceRequest", "email");
        Assert.Equal(
            (JsonSchemaType.String, "email", 1, 254),
            (email.Type, email.Format, email.MinLength, email.MaxLength));
        var note = Member(document, "OrdersPlaceRequest", "note");
        Assert.Equal(
            (JsonSchemaType.String, 3, 200, "^[a-z]+$"),
            (note.Type, note.MinLength, note.MaxLength, note.Pattern));
        var list = Operation(document, HttpMethod.Get, "/api/v1/products").Parameters!.Select(p => p.Schema!).ToList();
        Assert.Equal((JsonSchemaType.Integer, "1", "100"), (list[0].Type, list[0].Minimum, list[0].Maximum));
        Assert.Equal((JsonSchemaType.Number, "0", "2.5"), (list[2].Type, list[2].ExclusiveMinimum, list[2].Maximum));
        var speed = document.Components!.Schemas!["OrdersPlaceSpeed"];
        Assert.Equal(JsonSchemaType.String, speed.Type);
        Assert.Equal(["slow", "veryFast"], speed.Enum!.Select(e => e.ToString()));
    }

    [Fact]
    public async Task Requires_what_cannot_be_null_and_has_no_default()
    {
        var document = await DocumentAsync();

        Assert.Equal(["at", "id", "lines"], document.Components!.Schemas!["OrdersPlaceResponse"].Required!.Order());
        var line = document.Components!.Schemas!["OrdersPlaceRequestLine"].Required!;
        Assert.Equal(["productId", "quantity", "sku", "weight"], line.Order());
        var data = Assert.IsType<OpenApiSchemaReference>(Member(document, "EnvelopeOfOrdersPlaceResponse", "data"));
        Assert.Equal("OrdersPlaceResponse", data.Reference.Id);
    }

    [Fact]
    public async Task Asks_for_a_token_where_the_endpoint_does()
    {
        var document = await DocumentAsync();

        var scheme = document.Components!.SecuritySchemes!["JWTBearerAuth"];
        Assert.Equal((SecuritySchemeType.Http, "bearer", "JWT"), (scheme.Type, scheme.Scheme, scheme.BearerFormat));
        var pay = Operation(document, HttpMethod.Post, "/api/v1/orders/{id}/pay");
        Assert.Equal("JWTBearerAuth", Assert.Single(Assert.Single(pay.Security!).Keys).Reference.Id);
        Assert.Superset(new HashSet<string> { "200", "400", "401", "403" }, pay.Responses!.Keys.ToHashSet());
        Assert.Null(Operation(document, HttpMethod.Get, "/api/v1/products").Security);
        Assert.Null((await DocumentAsync(o => o.EnableJWTBearerAuth = false)).Components!.SecuritySchemes);
    }

    [Fact]
    public async Task Carries_the_summaries_and_examples()
    {
        var document = await DocumentAsync();

        var place = Operation(document, HttpMethod.Post, "/api/v1/orders");
        Assert.Equal("Turns a basket into an order.", place.Summary);
        Assert.Equal("Takes the stock or nothing.", place.Description);
        var line = $$"""{"productId":"{{Guid.Empty}}","quantity":2,"sku":"a-1","weight":1}""";
        Assert.Equal(
            $$"""{"lines":[{{line}}],"speed":"veryFast"}""",
            place.RequestBody!.Content!["application/json"].Example!.ToJsonString());
        Assert.Equal("The order.", place.Responses!["200"].Description);
        Assert.Contains("\"lines\":[]", place.Responses["200"].Content!["application/json"].Example!.ToJsonString());
        Assert.Equal("Not enough of it.", place.Responses["409"].Description);
        Assert.NotNull(place.Responses["409"].Content!["application/json"].Schema);
        Assert.Equal("Come back later.", place.Responses["503"].Description);
        Assert.Equal("Free text.", Member(document, "OrdersPlaceRequest", "note").Description);
        Assert.Equal("How many there are.", Member(document, "ProductsListResponse", "stock").Description);
        Assert.Equal("Pays.", Operation(document, HttpMethod.Post, "/api/v1/orders/{id}/pay").Summary);
        Assert.Null(Operation(document, HttpMethod.Delete, "/api/v1/products/{id}").Responses!["204"].Content);
    }

    [Fact]
    public async Task Shows_the_document_to_everyone()
    {
        await using var app = await StartAsync();
        using var client = app.GetTestClient();

        using var redirect = await client.GetAsync("/docs", Cancelled);
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
        using var page = await client.GetAsync("/" + redirect.Headers.Location, Cancelled);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("src=\"index.js\"", await page.Content.ReadAsStringAsync(Cancelled));
        Assert.Contains("\"/openapi/v1.json\"", await client.GetStringAsync("/docs/index.js", Cancelled));
        Assert.NotEmpty(await client.GetByteArrayAsync("/docs/swagger-ui-bundle.js", Cancelled));
        using var missing = await client.GetAsync("/docs/nothing", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        using var document = await client.GetAsync("/openapi/v1.json", Cancelled);
        Assert.Equal("application/json; charset=utf-8", document.Content.Headers.ContentType!.ToString());
        using var head = await client.SendAsync(new(HttpMethod.Head, "/openapi/v1.json"), Cancelled);
        Assert.Equal(document.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }
}
