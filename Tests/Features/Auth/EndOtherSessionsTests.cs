namespace Tests.Features.Auth;

public sealed class EndOtherSessionsTests(App app)
{
    [Fact]
    public async Task Ends_all_of_the_callers_sessions_but_the_current_one()
    {
        var person = await app.PersonAsync();
        var (one, two, mine) =
            (await app.LogInAsync(person), await app.LogInAsync(person), await app.LogInAsync(person));
        var (_, stranger) = await app.SignedInAsync();
        foreach (var token in new[] { one.Access, two.Access, mine.Access, stranger })
            await app.GetAsync("/api/v1/users/me", token).DataAsync(HttpStatusCode.OK);

        var response = await app.SendAsync(
            HttpMethod.Delete, "/api/v1/auth/sessions", null, ("Authorization", $"Bearer {mine.Access}"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await app.GetAsync("/api/v1/users/me", one.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync("/api/v1/users/me", two.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync("/api/v1/users/me", mine.Access).DataAsync(HttpStatusCode.OK);
        await app.GetAsync("/api/v1/users/me", stranger).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Delete, "/api/v1/auth/sessions")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
}
