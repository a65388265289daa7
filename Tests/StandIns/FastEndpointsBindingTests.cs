using FastEndpoints;
using Microsoft.AspNetCore.Http;

namespace Tests.StandIns;

public sealed class FastEndpointsBindingTests
{
    [Fact]
    public async Task Binds_every_source_and_the_later_one_wins()
    {
        await using var host = await SmallHost.StartAsync([typeof(Everything)]);
        const string Body = """{"id":1,"name":"body","both":"body","user":"body","device":"body"}""";

        Assert.Equal("7|body|query|me|phone", await TextAsync(host, "POST", "/things/7?both=query", Body));
        Assert.Equal("8|body|body|me|phone", await TextAsync(host, "POST", "/things/7?ID=8", Body));
    }

    [Fact]
    public async Task Members_with_a_source_of_their_own_come_from_nowhere_else()
    {
        await using var host = await SmallHost.StartAsync([typeof(Marked)]);

        Assert.Equal("7|5|body", await TextAsync(host, "POST", "/marked/7?id=8&name=body", """{"name":"body"}"""));
        Assert.Equal("7|5|body", await TextAsync(host, "POST", "/marked/7", """{"limit":9,"name":"body"}"""));
        const string Everywhere = """{"id":9,"limit":9,"name":"body"}""";
        Assert.Equal("7|3|body", await TextAsync(host, "POST", "/marked/7?limit=3", Everywhere));
        Assert.Equal("7|3|body", await TextAsync(host, "POST", "/marked/7?LIMIT=3", """{"name":"body"}"""));
    }

    [Fact]
    public async Task Members_with_a_source_of_their_own_are_unknown_to_a_strict_body()
    {
        await using var host = await SmallHost.StartAsync([typeof(Marked)], SmallHost.Strict);

        Assert.Equal("7|5|body", await TextAsync(host, "POST", "/marked/7", """{"name":"body"}"""));
        var (status, body) = await host.SendAsync("POST", "/marked/7", """{"name":"body","id":9}""", user: "sub=me");
        Assert.Equal(400, status);
        var error = Assert.Single(SmallHost.Errors(body, "serializerErrors"));
        Assert.Contains("'id' could not be mapped", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_without_a_body_has_the_defaults_of_its_parameters()
    {
        await using var host = await SmallHost.StartAsync([typeof(Listing)]);

        Assert.Equal("20||New|||", await TextAsync(host, "GET", "/listing"));
        Assert.Equal(
            $"5|x|Done|1,2|2026-01-02|{Guid.Empty}",
            await TextAsync(
                host, "GET", $"/listing?Limit=5&cursor=x&state=done&ids=1&ids=2&day=2026-01-02&owner={Guid.Empty}"));
    }

    [Fact]
    public async Task All_values_that_do_not_parse_are_named()
    {
        await using var host = await SmallHost.StartAsync([typeof(Listing)]);

        var (status, body) = await host.SendAsync(
            "GET", "/listing?limit=abc&state=2&ids=1&ids=x&day=2026-13-01&owner=1", user: "sub=me");

        Assert.Equal(400, status);
        Assert.Equal(["Value [abc] is not valid for a [Int32] property!"], SmallHost.Errors(body, "limit"));
        Assert.Equal(["Value [2] is not valid for a [Stage] property!"], SmallHost.Errors(body, "state"));
        foreach (var field in (string[])["ids", "day", "owner"]) Assert.Single(SmallHost.Errors(body, field));
    }

    [Theory]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=%EF%BC%91", "limit")]
    [InlineData("limit=2147483648", "limit")]
    [InlineData("limit=1.0", "limit")]
    [InlineData("day=", "day")]
    [InlineData("state=New,Done", "state")]
    public async Task Refuses(string query, string field)
    {
        await using var host = await SmallHost.StartAsync([typeof(Listing)]);

        var (status, body) = await host.SendAsync("GET", "/listing?" + query, user: "sub=me");

        Assert.Equal(400, status);
        Assert.Single(SmallHost.Errors(body, field));
    }

    [Fact]
    public async Task From_body_takes_the_whole_body()
    {
        await using var host = await SmallHost.StartAsync([typeof(Whole)]);

        Assert.Equal("7|x,y", await TextAsync(host, "PUT", "/whole/7", """{"names":["x","y"]}"""));
        Assert.Equal("7|none", await TextAsync(host, "PUT", "/whole/7", "null"));
        Assert.Equal("7|none", await TextAsync(host, "PUT", "/whole/7?body=x", ""));
    }

    [Fact]
    public async Task Required_claims_and_headers_are_missed_by_name()
    {
        await using var host = await SmallHost.StartAsync([typeof(Everything)]);

        var (status, body) = await host.SendAsync("POST", "/things/7", "{}", user: "other=me");

        Assert.Equal(400, status);
        Assert.Single(SmallHost.Errors(body, "user"));
        Assert.Single(SmallHost.Errors(body, "device"));
    }

    static async Task<string> TextAsync(SmallHost host, string verb, string path, string? json = null)
    {
        host.Client.DefaultRequestHeaders.Remove("X-Device");
        host.Client.DefaultRequestHeaders.Add("X-Device", "phone");
        var (status, body) = await host.SendAsync(verb, path, json, user: "sub=me");
        Assert.True(status == 200, $"{status} {body}");
        return body;
    }

    public enum Stage
    {
        New,
        Done,
    }

    public sealed record Thing(int Id, string? Name, string? Both)
    {
        [FromClaim("sub")]
        public string? User { get; init; }

        [FromHeader("X-Device")]
        public string? Device { get; init; }
    }

    public sealed class Everything : Endpoint<Thing>
    {
        public override void Configure() => Post("/things/{id}");

        public override Task HandleAsync(Thing req, CancellationToken ct)
            => Send.ResultAsync(Results.Text($"{req.Id}|{req.Name}|{req.Both}|{req.User}|{req.Device}"));
    }

    public sealed record MarkedRequest(
        [property: RouteParam] int Id, string Name, [property: QueryParam] int Limit = 5);

    public sealed class Marked : Endpoint<MarkedRequest>
    {
        public override void Configure() => Post("/marked/{id}");

        public override Task HandleAsync(MarkedRequest req, CancellationToken ct)
            => Send.ResultAsync(Results.Text($"{req.Id}|{req.Limit}|{req.Name}"));
    }

    public sealed record ListingRequest(
        int Limit = 20,
        string? Cursor = null,
        Stage State = Stage.New,
        int[]? Ids = null,
        DateOnly? Day = null,
        Guid? Owner = null);

    public sealed class Listing : Endpoint<ListingRequest>
    {
        public override void Configure() => Get("/listing");

        public override Task HandleAsync(ListingRequest req, CancellationToken ct)
            => Send.ResultAsync(Results.Text(
                $"{req.Limit}|{req.Cursor}|{req.State}|{string.Join(',', req.Ids ?? [])}|{req.Day:O}|{req.Owner}"));
    }

    public sealed record WholeRequest([property: RouteParam] int Id, [property: FromBody] WholeRequest.Content? Body)
    {
        public sealed record Content(List<string> Names);
    }

    public sealed class Whole : Endpoint<WholeRequest>
    {
        public override void Configure() => Put("/whole/{id}");

        public override Task HandleAsync(WholeRequest req, CancellationToken ct)
            => Send.ResultAsync(Results.Text($"{req.Id}|{string.Join(',', req.Body?.Names ?? ["none"])}"));
    }
}
