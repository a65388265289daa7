namespace Tests.Features.Auth;

public sealed class LogoutTests(App app)
{
    const string Route = "/api/v1/auth/logout";

    [Fact]
    public async Task Ends_the_session_for_every_token_of_it_at_once()
    {
        var person = await app.PersonAsync();
        var (first, other) = (await app.LogInAsync(person), await app.LogInAsync(person));
        // So that the cache knows the session.
        await app.GetAsync("/api/v1/users/me", first.Access).DataAsync(HttpStatusCode.OK);

        var response = await LogOutAsync(first.Access);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(0, response.Content.Headers.ContentLength ?? 0);
        await app.GetAsync("/api/v1/users/me", first.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.PostAsync("/api/v1/auth/refresh", $$"""{"refreshToken":"{{first.Refresh}}"}""")
            .ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await LogOutAsync(first.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync("/api/v1/users/me", other.Access).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Post, Route).ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    Task<HttpResponseMessage> LogOutAsync(string token)
        => app.SendAsync(HttpMethod.Post, Route, null, ("Authorization", $"Bearer {token}"));
}
