using FastEndpoints;
using Microsoft.AspNetCore.Http;

namespace Tests.StandIns;

/// <summary>Types that a query can hold, and types that it cannot.</summary>
public sealed class FastEndpointsValueTests
{
    [Theory]
    [InlineData("flag=TRUE", "True")]
    [InlineData("small=255", "255")]
    [InlineData("big=-9223372036854775808", "-9223372036854775808")]
    [InlineData("price=1.50", "1.50")]
    [InlineData("rate=1e3", "1000")]
    [InlineData("at=2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0000000+00:00")]
    [InlineData("length=01:30:00", "01:30:00")]
    [InlineData("colour=red", "Red")]
    [InlineData("colours=red&colours=BLUE", "Red,Blue")]
    [InlineData("words=a,b&words=c", "a,b,c")]
    [InlineData("numbers=1&numbers=2", "1,2")]
    [InlineData("inner=x", "")]
    public async Task Reads(string query, string expected)
    {
        await using var host = await SmallHost.StartAsync([typeof(Values)]);

        Assert.Equal((200, expected), await host.SendAsync("GET", "/values?" + query));
    }

    [Theory]
    [InlineData("flag=1")]
    [InlineData("small=256")]
    [InlineData("price=1,5%20EUR")]
    [InlineData("colour=1")]
    [InlineData("colour=Red,Blue")]
    [InlineData("numbers=1,2")]
    [InlineData("at=yesterday")]
    public async Task Refuses(string query)
    {
        await using var host = await SmallHost.StartAsync([typeof(Values)]);

        var (status, body) = await host.SendAsync("GET", "/values?" + query);

        Assert.Equal(400, status);
        Assert.Single(SmallHost.Errors(body, query.Split('=')[0]));
    }

    [Fact]
    public async Task A_list_is_read_from_the_body_alone()
    {
        await using var host = await SmallHost.StartAsync([typeof(Listed)]);

        Assert.Equal((200, "3"), await host.SendAsync("POST", "/list?capacity=x", "[1,2,3]"));
        Assert.Equal((200, "0"), await host.SendAsync("POST", "/list", ""));
        Assert.Equal(400, (await host.SendAsync("POST", "/list", "{}")).Status);
    }

    [Fact]
    public async Task A_marked_member_that_cannot_be_made_from_text_fails_the_start()
    {
        var thrown = await Assert.ThrowsAsync<NotSupportedException>(() => SmallHost.StartAsync([typeof(Impossible)]));

        Assert.Contains("'Inner'", thrown.Message, StringComparison.Ordinal);
    }

    public enum Colour
    {
        Red,
        Blue,
    }

    public sealed record Inner(string Text);

    public sealed record Request(
        bool? Flag, byte? Small, long? Big, decimal? Price, double? Rate, DateTimeOffset? At, TimeSpan? Length,
        Colour? Colour, IReadOnlyList<Colour>? Colours, List<string>? Words, IEnumerable<int>? Numbers,
        Inner? Inner);

    public sealed class Values : Endpoint<Request>
    {
        public override void Configure()
        {
            Get("/values");
            AllowAnonymous();
        }

        public override Task HandleAsync(Request req, CancellationToken ct)
        {
            object?[] all =
            [
                req.Flag, req.Small, req.Big, req.Price, req.Rate, req.At?.ToString("O"), req.Length, req.Colour,
                string.Join(',', req.Colours ?? []), string.Join(',', req.Words ?? []),
                string.Join(',', req.Numbers ?? []), req.Inner,
            ];
            return Send.ResultAsync(Results.Text(string.Concat(all)));
        }
    }

    public sealed class Listed : Endpoint<List<int>, int>
    {
        public override void Configure()
        {
            Post("/list");
            AllowAnonymous();
        }

        public override Task HandleAsync(List<int> req, CancellationToken ct) => Send.OkAsync(req.Count, ct);
    }

    public sealed record ImpossibleRequest([property: QueryParam] Inner? Inner = null);

    public sealed class Impossible : Endpoint<ImpossibleRequest>
    {
        public override void Configure()
        {
            Get("/impossible");
            AllowAnonymous();
        }

        public override Task HandleAsync(ImpossibleRequest req, CancellationToken ct) => Send.OkAsync(ct);
    }
}
