namespace Tests.Infrastructure.Http;

/// <summary>What is true of every answer, whoever made it.</summary>
public sealed class AnswersTests(App app)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v2/users/me")]
    [InlineData("/API/V1/nothing")]
    [InlineData("/swagger")]
    [InlineData("/appsettings.json")]
    [InlineData("/data/sliceapi.db")]
    [InlineData("/.git/config")]
    [InlineData("/api/v1/users/me/x.css")]
    public async Task Unknown_routes_are_404_whatever_is_sent_to_them(string path)
    {
        await app.SendAsync(HttpMethod.Get, path).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.SendAsync(HttpMethod.Post, path, Requests.Bytes([1], "text/plain"))
            .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Theory]
    [InlineData("PUT", "/api/v1/auth/register", "POST")]
    [InlineData("GET", "/api/v1/auth/login", "POST")]
    [InlineData("DELETE", "/api/v1/auth/login", "POST")]
    [InlineData("TRACE", "/api/v1/auth/sessions", "DELETE, GET")]
    [InlineData("OPTIONS", "/api/v1/auth/sessions", "DELETE, GET")]
    [InlineData("MADEUP", "/api/v1/auth/sessions", "DELETE, GET")]
    public async Task Methods_that_a_route_does_not_take_are_405_and_name_those_that_it_does(
        string method, string path, string allowed)
    {
        var response = await app.SendAsync(new HttpMethod(method), path);
        await response.ErrorAsync(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED");
        Assert.Equal(allowed.Split(", "), response.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task A_head_is_answered_like_a_get_without_its_body()
    {
        var (_, token) = await app.SignedInAsync();
        var get = await app.GetAsync("/api/v1/users/me", token);
        var head = await app.SendAsync(HttpMethod.Head, "/api/v1/users/me", null, ("Authorization", $"Bearer {token}"));
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        var anonymous = await app.SendAsync(HttpMethod.Head, "/api/v1/users/me");
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(HttpMethod.Head, "/health/live")).StatusCode);
    }

    [Theory]
    [InlineData("my-request_01")]
    [InlineData("12345678")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_request_keeps_the_id_that_its_client_gave_it(string id)
    {
        var response = await app.SendAsync(HttpMethod.Get, "/api/v1/nothing", null, ("X-Request-Id", id));
        await response.ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal([id], response.Headers.GetValues("X-Request-Id"));
    }

    [Theory]
    [InlineData("1234567")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("a b c d e f")]
    [InlineData("../../etc/passwd")]
    [InlineData("{\"level\":\"Error\"}")]
    [InlineData("id;drop-table")]
    public async Task A_request_gets_a_new_id_when_its_client_gave_it_a_bad_one(string id)
    {
        var response = await app.SendAsync(HttpMethod.Get, "/api/v1/nothing", null, ("X-Request-Id", id));
        await response.ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(response.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task A_request_gets_a_new_id_when_its_client_gave_it_two()
    {
        var response = await app.SendAsync(
            HttpMethod.Get, "/api/v1/nothing", null, ("X-Request-Id", "the-first"), ("X-Request-Id", "the-second"));
        await response.ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(response.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task Nothing_of_the_api_is_cached_and_browsers_do_not_guess()
    {
        var (_, token) = await app.SignedInAsync();
        foreach (var response in new[]
        {
            await app.GetAsync("/api/v1/users/me", token),
            await app.SendAsync(HttpMethod.Get, "/api/v1/users/me"),
            await app.SendAsync(HttpMethod.Get, "/api/v1/nothing"),
            await app.PostAsync("/api/v1/auth/login", "{"),
        })
        {
            Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
            Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy"));
        }
    }

    [Fact]
    public async Task Health_is_plain_json()
    {
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            var response = await app.SendAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("{\"status\":\"ok\"", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_api_describes_itself_to_programs_and_people()
    {
        var document = await app.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        var text = await document.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, document.StatusCode);
        string[] words =
            ["/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/users/me", "AuthRegister", "UsersGetMe"];
        foreach (var word in words)
            Assert.Contains(word, text, StringComparison.Ordinal);

        var page = await app.SendAsync(HttpMethod.Get, "/docs/index.html");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.StartsWith("text/html", page.Content.Headers.ContentType?.ToString(), StringComparison.Ordinal);
    }
}
