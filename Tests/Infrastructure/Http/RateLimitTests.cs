using Microsoft.AspNetCore.Http;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;

namespace Tests.Infrastructure.Http;

/// <summary>How much each client may ask, and what it is told about that.</summary>
public sealed class RateLimitTests(LimitedServer server) : IClassFixture<LimitedServer>
{
    const string Me = "/api/v1/users/me";
    const int Limit = LimitedServer.Limit;

    [Fact]
    public void Allows_300_in_10_seconds_and_10_a_minute_where_people_sign_in_unless_set_otherwise()
    {
        var clock = new FakeClock();
        var limits = new RateLimits(new Settings(), clock);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Path = Me;
        clock.Advance(TimeSpan.FromHours(1));
        for (var left = 299; left >= 0; left--)
            Assert.Equal(new Quota("\"address\";q=300;w=10", $"\"address\";r={left};t=10", 0), limits.Count(context));
        clock.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(new Quota("\"address\";q=300;w=10", "\"address\";r=0;t=8", 8, true), limits.Count(context));

        context.Connection.RemoteIpAddress = IPAddress.IPv6Loopback;
        context.Request.Path = "/api/v1/auth/login";
        for (var left = 9; left >= 0; left--)
        {
            Assert.StartsWith(
                $"\"auth\";r={left};t=60, \"address\";", limits.Count(context).Left, StringComparison.Ordinal);
        }

        Assert.Equal(new Quota("\"auth\";q=10;w=60", "\"auth\";r=0;t=60", 60, true), limits.Count(context));
    }

    [Fact]
    public void Covers_nothing_when_limits_are_switched_off()
    {
        var off = new Settings { RateLimits = new RateLimitSettings { Enabled = false } };
        var context = new DefaultHttpContext();
        context.Request.Path = Me;
        Assert.False(new RateLimits(off, new FakeClock()).Cover(context));
        Assert.True(new RateLimits(new Settings(), new FakeClock()).Cover(context));
    }

    [Fact]
    public async Task Every_answer_to_an_anonymous_request_says_what_is_left_for_its_address()
    {
        var here = server.NewAddress();
        var left = Limit;
        foreach (var (method, path, status) in new[]
        {
            ("GET", Me, 401), ("HEAD", Me, 401), ("PUT", Me, 405), ("OPTIONS", Me, 405),
            ("GET", "/api/v1/nothing", 404), ("GET", "/API", 404),
        })
        {
            var response = await server.SendAsync(here, new HttpMethod(method), path);
            Assert.Equal(status, (int)response.StatusCode);
            AssertLeft(response, "address", --left);
        }
    }

    [Fact]
    public async Task Every_answer_to_somebody_signed_in_says_what_is_left_for_the_user_wherever_it_comes_from()
    {
        var (_, token) = await server.SignedInAsync();
        AssertLeft(await server.GetAsync(server.NewAddress(), Me, token), "user", Limit - 1);
        AssertLeft(await server.GetAsync(server.NewAddress(), Me, token), "user", Limit - 2);
        AssertLeft(await server.GetAsync(server.NewAddress(), "/api/v1/nothing", token), "user", Limit - 3);

        var bearer = ("Authorization", $"Bearer {token}");
        var known = await server.SendAsync(
            server.NewAddress(), HttpMethod.Get, Me, null, bearer, ("If-None-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        AssertLeft(known, "user", Limit - 4);

        var change = new { currentPassword = "not the password", newPassword = "another fine password" };
        var wrong = await server.SendAsync(
            server.NewAddress(), HttpMethod.Post, "/api/v1/auth/password", change, bearer);
        await wrong.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        Assert.Equal(["auth", "user"], wrong.Field("RateLimit-Policy").Select(limit => limit.Name));
        Assert.Equal(
            [LimitedServer.AuthLimit - 1, Limit - 5], wrong.Field("RateLimit").Select(limit => limit.Parameters["r"]));
    }

    [Fact]
    public async Task One_too_many_is_429_and_says_when_to_come_again()
    {
        var here = server.NewAddress();
        await SpendAsync(here);
        for (var i = 0; i < 2; i++)
        {
            var refused = await server.GetAsync(here, Me);
            await refused.RefusedAsync();
            AssertLeft(refused, "address", 0);
            Assert.Equal(
                TimeSpan.FromSeconds(refused.Field("RateLimit")[0].Parameters["t"]), refused.Headers.RetryAfter?.Delta);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.SendAsync(here, HttpMethod.Head, Me)).StatusCode);
        await server.GetAsync(here, "/api/v1/nothing").RefusedAsync();
    }

    [Fact]
    public async Task Users_and_strangers_at_one_address_do_not_use_up_each_others_share()
    {
        var here = server.NewAddress();
        var (_, token) = await server.SignedInAsync();
        var (_, other) = await server.SignedInAsync();
        await SpendAsync(here, token);
        await server.GetAsync(here, Me, token).RefusedAsync();
        await server.GetAsync(server.NewAddress(), Me, token).RefusedAsync();
        AssertLeft(await server.GetAsync(here, Me, other), "user", Limit - 1);
        AssertLeft(await server.GetAsync(here, Me), "address", Limit - 1);

        await SpendAsync(here, expected: Limit - 1);
        await server.GetAsync(here, Me).RefusedAsync();
        AssertLeft(await server.GetAsync(here, Me, other), "user", Limit - 2);
    }

    [Fact]
    public async Task Bad_tokens_count_on_their_address_until_no_token_from_there_is_looked_at()
    {
        var here = server.NewAddress();
        var (_, token) = await server.SignedInAsync();
        for (var left = Limit - 1; left >= 0; left--)
        {
            var bad = await server.GetAsync(here, Me, $"{token}{left}");
            await bad.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
            AssertLeft(bad, "address", left);
        }

        foreach (var any in new[] { "nonsense", token })
        {
            var refused = await server.GetAsync(here, Me, any);
            await refused.RefusedAsync();
            AssertLeft(refused, "token", 0);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await server.GetAsync(here, Me).RefusedAsync();
        await server.GetAsync(server.NewAddress(), Me, token).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Where_people_sign_in_an_address_has_less()
    {
        var here = server.NewAddress();
        var (_, token) = await server.SignedInAsync();
        for (var left = LimitedServer.AuthLimit - 1; left >= 0; left--)
        {
            // In whatever spelling, for whomever, and whether or not there is such a route.
            var response = await server.GetAsync(
                here, left % 2 == 0 ? "/api/v1/auth/sessions" : "/API/v1/%61uth/nothing", left % 3 == 0 ? token : null);
            Assert.Equal(left, response.Field("RateLimit").Single(limit => limit.Name == "auth").Parameters["r"]);
        }

        var refused = await server.LogInAsync(here, "ada@example.com", "a fine password");
        await refused.RefusedAsync();
        Assert.Equal("auth", Assert.Single(refused.Field("RateLimit")).Name);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await server.GetAsync(here, "/api/v1/auth/sessions", token).RefusedAsync();
        await server.GetAsync(here, Me, token).DataAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/index.html")]
    public async Task Health_and_description_are_not_limited(string path)
    {
        var here = server.NewAddress();
        await SpendAsync(here);
        var response = await server.GetAsync(here, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("RateLimit"));
    }

    async Task SpendAsync(string from, string? token = null, int expected = Limit)
    {
        for (var left = expected - 1; left >= 0; left--)
            AssertLeft(await server.GetAsync(from, Me, token), token is null ? "address" : "user", left);
    }

    static void AssertLeft(HttpResponseMessage response, string limit, int left)
    {
        var (policy, parameters) = Assert.Single(response.Field("RateLimit-Policy"));
        Assert.Equal(limit, policy);
        Assert.Equal(Limit, parameters["q"]);
        Assert.Equal(3600, parameters["w"]);
        var (name, now) = Assert.Single(response.Field("RateLimit"));
        Assert.Equal(limit, name);
        Assert.Equal(left, now["r"]);
        Assert.InRange(now["t"], 1, 3600);
    }
}
