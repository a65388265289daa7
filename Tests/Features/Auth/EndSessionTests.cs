namespace Tests.Features.Auth;

public sealed class EndSessionTests(App app)
{
    const string Me = "/api/v1/users/me";

    [Fact]
    public async Task Ends_one_of_the_callers_sessions_at_once()
    {
        var person = await app.PersonAsync();
        var (mine, phone) = (await app.LogInAsync(person), await app.LogInAsync(person));
        await app.GetAsync(Me, phone.Access).DataAsync(HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.NoContent, (await EndAsync(mine.Access, Id(phone.Access))).StatusCode);
        await app.GetAsync(Me, phone.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await EndAsync(mine.Access, Id(phone.Access)).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.GetAsync(Me, mine.Access).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ends_the_current_one_too()
    {
        var (_, token) = await app.SignedInAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await EndAsync(token, Id(token))).StatusCode);
        await app.GetAsync(Me, token).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
    }

    [Fact]
    public async Task Knows_nothing_of_other_peoples_sessions()
    {
        var ((_, mine), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var refused = EndAsync(mine, Id(other));
        await refused.ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(await EndAsync(mine, $"{Guid.CreateVersion7()}").BlankedAsync(), await refused.BlankedAsync());
        await app.GetAsync(Me, other).DataAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("not-a-uuid")]
    [InlineData("1")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("{01a1fdef-2c23-7a42-a72e-7203d30dd65b}")]
    [InlineData("01a1fdef2c237a42a72e7203d30dd65b")]
    [InlineData("01a1fdef-2c23-7a42-a72e-7203d30dd65b")]
    public async Task Finds_nothing_where_nothing_is(string id)
    {
        var (_, token) = await app.SignedInAsync();
        await EndAsync(token, id).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Lets_no_query_name_another_session()
    {
        var ((_, mine), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        Assert.Equal(["id"], await EndAsync(mine, $"{Id(mine)}?id={Id(other)}").RefusedFieldsAsync());
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Delete, $"/api/v1/auth/sessions/{Guid.NewGuid()}")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    Task<HttpResponseMessage> EndAsync(string token, string id)
        => app.SendAsync(HttpMethod.Delete, $"/api/v1/auth/sessions/{id}", null, ("Authorization", $"Bearer {token}"));

    static string Id(string access) => Jwt.Payload(access)["sid"]!.GetValue<string>();
}
