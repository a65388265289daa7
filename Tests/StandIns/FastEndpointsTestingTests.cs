using System.Text.Json;
using FastEndpoints;

namespace Tests.StandIns;

public sealed class FastEndpointsTestingTests
{
    [Fact]
    public async Task Members_travel_the_way_they_are_bound()
    {
        await using var host = await SmallHost.StartAsync([typeof(Mirror)], Api);
        var id = Guid.NewGuid();

        var (rsp, res) = await host.Client.POSTAsync<Mirror, MirrorRequest, MirrorRequest>(
            new(id, "a?b c", new DateOnly(2026, 1, 2), ["x", "y&z"], "token", new(3)));

        Assert.Equal(HttpStatusCode.OK, rsp.StatusCode);
        Assert.Equal($"/api/v1/mirror/{id}/a%3Fb%20c?day=2026-01-02&tags=x&tags=y%26z", Path(rsp));
        Assert.Equal(id, res.Id);
        Assert.Equal("a?b c", res.Name);
        Assert.Equal("token", res.Token);
        Assert.Equal(new(3), res.Body);
        Assert.Equal(["x", "y&z"], res.Tags!);
    }

    [Fact]
    public async Task Plain_members_go_into_the_query_of_get_and_into_the_body_of_others()
    {
        await using var host = await SmallHost.StartAsync([typeof(Echo), typeof(Routed)], Api);

        var get = await host.Client.GETAsync<Echo, EchoRequest, string>(new(5, "x y"));
        var put = await host.Client.PUTAsync<Echo, EchoRequest, string>(new(5, null));
        var delete = await host.Client.DELETEAsync<Echo, EchoRequest>(new(5, "z"));

        Assert.Equal(("5 x y", "/api/v1/echo?count=5&text=x%20y"), (get.Result, Path(get.Response)));
        Assert.Equal(("5 ", "/api/v1/echo"), (put.Result, Path(put.Response)));
        Assert.Equal(HttpStatusCode.OK, delete.StatusCode);
        var routed = await host.Client.GETAsync<Routed, EchoRequest, string>(new(5, null));
        Assert.Equal(("5", "/api/v1/routed/5"), (routed.Result, Path(routed.Response)));
    }

    [Fact]
    public async Task Errors_keep_their_text()
    {
        await using var host = await SmallHost.StartAsync([typeof(Echo)], Api);

        var bad = await host.Client.PATCHAsync<Echo, EchoRequest, ErrorResponse>(new(-1, null));

        Assert.Equal(HttpStatusCode.BadRequest, bad.Response.StatusCode);
        Assert.Equal(["negative"], bad.Result.Errors["count"]);
        Assert.Contains("negative", bad.ErrorContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_of_the_answer_that_the_response_lacks_are_refused_at_every_status()
    {
        await using var host = await SmallHost.StartAsync([typeof(Mirror), typeof(Echo)], Api);

        var request = new MirrorRequest(Guid.Empty, "a", null, null, "t", new(3));

        await Assert.ThrowsAsync<JsonException>(
            () => host.Client.POSTAsync<Mirror, MirrorRequest, MirrorRequest.Content>(request));
        await Assert.ThrowsAsync<JsonException>(
            () => host.Client.POSTAsync<Echo, EchoRequest, MirrorRequest.Content>(new(-1, null)));
    }

    [Fact]
    public async Task A_missing_route_value_or_an_unknown_endpoint_is_the_tests_own_error()
    {
        await using var host = await SmallHost.StartAsync([typeof(Mirror)], Api);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Client.POSTAsync<Mirror, MirrorRequest>(new(Guid.Empty, null!, null, null, null, null)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.GETAsync<Echo, string>());
    }

    static string Path(HttpResponseMessage response) => response.RequestMessage!.RequestUri!.PathAndQuery;

    static void Api(Config c)
    {
        SmallHost.Strict(c);
        c.Endpoints.RoutePrefix = "api";
        c.Versioning.DefaultVersion = 1;
        c.Versioning.PrependToRoute = true;
    }

    public sealed record MirrorRequest(
        [property: RouteParam] Guid Id,
        [property: RouteParam] string Name,
        [property: QueryParam] DateOnly? Day,
        [property: QueryParam] List<string>? Tags,
        [property: FromHeader("X-Token")] string? Token,
        [property: FromBody] MirrorRequest.Content? Body)
    {
        public sealed record Content(int Count);
    }

    public sealed class Mirror : Endpoint<MirrorRequest, MirrorRequest>
    {
        public override void Configure()
        {
            Post("/mirror/{id:guid}/{name}");
            AllowAnonymous();
        }

        public override Task HandleAsync(MirrorRequest req, CancellationToken ct) => Send.OkAsync(req, ct);
    }

    public sealed class Routed : Endpoint<EchoRequest, string>
    {
        public override void Configure()
        {
            Get("/routed/{count}");
            AllowAnonymous();
        }

        public override Task HandleAsync(EchoRequest req, CancellationToken ct)
            => Send.OkAsync($"{req.Count}{req.Text}", ct);
    }

    public sealed record EchoRequest(int Count, string? Text = null);

    public sealed class Echo : Endpoint<EchoRequest, string>
    {
        public override void Configure()
        {
            Verbs(Http.GET, Http.POST, Http.PUT, Http.PATCH, Http.DELETE);
            Routes("/echo");
            AllowAnonymous();
        }

        public override Task HandleAsync(EchoRequest req, CancellationToken ct)
        {
            if (req.Count < 0) ThrowError(r => r.Count, "negative");
            return Send.OkAsync($"{req.Count} {req.Text}", ct);
        }
    }
}
