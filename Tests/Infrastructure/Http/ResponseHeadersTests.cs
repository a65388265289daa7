namespace Tests.Infrastructure.Http;

public sealed class ResponseHeadersTests(App app)
{
    [Theory]
    [InlineData("GET", "/api/v1/products", 200)]
    [InlineData("GET", "/api/v1/users/me", 401)]
    [InlineData("GET", "/api/v1/users/me/x.css", 404)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("TRACE", "/api/v1/products", 405)]
    [InlineData("POST", "/api/v1/auth/login", 415)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/docs/index.html", 200)]
    public async Task Tell_browsers_to_guess_nothing_and_to_show_nothing(string method, string path, int status)
    {
        var body = method == "POST" ? Requests.Bytes([1], "text/plain") : null;
        var response = await app.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(["nosniff"], Values(response, "X-Content-Type-Options"));
        Assert.Equal(["no-referrer"], Values(response, "Referrer-Policy"));
        Assert.Equal(["DENY"], Values(response, "X-Frame-Options"));
        var policy = Assert.Single(Values(response, "Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        if (!path.StartsWith("/docs", StringComparison.Ordinal))
            Assert.Equal("default-src 'none'; frame-ancestors 'none'", policy);
        Assert.Empty(Values(response, "Server"));
        Assert.Empty(Values(response, "X-Powered-By"));
        // Only where it was reached over https: the API answers plain http, too.
        Assert.Empty(Values(response, "Strict-Transport-Security"));
        if (path.StartsWith("/api", StringComparison.Ordinal))
            Assert.True(response.Headers.CacheControl?.NoStore);
    }

    static string[] Values(HttpResponseMessage response, string header)
        => response.Headers.TryGetValues(header, out var values) ? [.. values] : [];
}
