namespace Tests.Infrastructure.Http;

/// <summary>Pages of other sites: shut out unless they are configured.</summary>
public sealed class CorsTests(App app, CorsTests.OpenServer server) : IClassFixture<CorsTests.OpenServer>
{
    const string Good = "https://good.com";

    public sealed class OpenServer() : SharedServer($"Cors:Origins={Good},http://localhost:3000");

    [Fact]
    public async Task Nobody_is_let_in_by_default()
    {
        var response = await app.SendAsync(HttpMethod.Get, "/api/v1/products", null, ("Origin", Good));
        Assert.DoesNotContain(
            response.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(Good, true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("null", false)]
    [InlineData("https://good.com.evil.com", false)]
    [InlineData("https://evilgood.com", false)]
    [InlineData("http://good.com", false)]
    [InlineData("https://good.com:8443", false)]
    public async Task Who_is_configured_is_let_in(string origin, bool isLetIn)
    {
        foreach (var path in new[] { "/api/v1/products", "/api/v1/users/me", "/api/v1/nowhere" })
        {
            var response = await Requests.SendAsync(server.Client, HttpMethod.Get, path, null, ("Origin", origin));
            Assert.Equal(isLetIn ? [origin] : [], Values(response, "Access-Control-Allow-Origin"));
            Assert.Single(response.Headers.Vary, "Origin");
            Assert.Empty(Values(response, "Access-Control-Allow-Credentials"));
            if (isLetIn)
            {
                Assert.Equal(
                    "ETag Idempotent-Replayed Location RateLimit RateLimit-Policy Retry-After WWW-Authenticate "
                    + "X-Request-Id",
                    Words(response, "Access-Control-Expose-Headers"));
            }
        }
    }

    [Fact]
    public async Task A_browser_may_ask_before_it_writes()
    {
        var response = await Requests.SendAsync(
            server.Client,
            HttpMethod.Options,
            "/api/v1/transfers",
            null,
            ("Origin", Good),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,if-match"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal([Good], Values(response, "Access-Control-Allow-Origin"));
        Assert.Equal(
            "Authorization Content-Type Idempotency-Key If-Match If-None-Match X-Request-Id",
            Words(response, "Access-Control-Allow-Headers"));
        Assert.Equal("DELETE GET HEAD PATCH POST PUT", Words(response, "Access-Control-Allow-Methods"));
        Assert.Equal(["600"], Values(response, "Access-Control-Max-Age"));
    }

    [Fact]
    public async Task What_is_no_origin_is_refused_at_the_start()
    {
        var folder = TestFolder.New();
        foreach (var origin in new[] { "*", "good.com", "https://good.com/", "https://Good.com", "null" })
        {
            var (code, output) = await ServerProcess.RunToEndAsync(folder, $"Cors:Origins={origin}");
            Assert.Equal(1, code);
            Assert.Contains("Cors:Origins", output, StringComparison.Ordinal);
        }

        TestFolder.Delete(folder);
    }

    static string Words(HttpResponseMessage response, string header)
        => string.Join(' ', Values(response, header).Single().Split(',').Order(StringComparer.Ordinal));

    static string[] Values(HttpResponseMessage response, string header)
        => response.Headers.TryGetValues(header, out var values) ? [.. values] : [];
}
