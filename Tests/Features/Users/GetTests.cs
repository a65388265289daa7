namespace Tests.Features.Users;

public sealed class GetTests(App app)
{
    [Fact]
    public async Task Shows_a_user_to_themselves_and_to_administrators()
    {
        var ((person, token), (_, admin)) = (await app.SignedInAsync(), await app.AdministratorAsync());
        foreach (var asking in new[] { token, admin })
        {
            var response = await app.GetAsync($"/api/v1/users/{person.Id}", asking);
            var user = await response.DataAsync(HttpStatusCode.OK);
            Assert.Equal(
                ["createdAt", "email", "id", "name", "roles", "updatedAt", "version"],
                user.EnumerateObject().Select(member => member.Name).Order());
            Assert.Equal(person.Id, user.GetProperty("id").GetGuid());
            Assert.Equal("\"1\"", response.Headers.ETag?.ToString());
        }
    }

    [Fact]
    public async Task Answers_for_somebody_else_as_for_nobody()
    {
        var ((_, token), (other, _)) = (await app.SignedInAsync(), await app.SignedInAsync());
        foreach (var (method, status) in new[] { ("GET", "404"), ("HEAD", "404"), ("PATCH", "403"), ("DELETE", "403") })
        {
            var nobody = await AskAsync(method, Guid.CreateVersion7()).BlankedAsync();
            Assert.StartsWith(status, nobody, StringComparison.Ordinal);
            Assert.Equal(nobody, await AskAsync(method, other.Id).BlankedAsync());
        }

        Task<HttpResponseMessage> AskAsync(string method, Guid id)
            => app.SendAsync(
                new HttpMethod(method),
                $"/api/v1/users/{id}",
                null,
                ("Authorization", $"Bearer {token}"),
                ("If-Match", "*"),
                ("If-None-Match", "*"));
    }

    [Fact]
    public async Task Finds_nobody_where_nobody_is()
    {
        var (_, admin) = await app.AdministratorAsync();
        foreach (var id in new[] { $"{Guid.CreateVersion7()}", "1", "not-a-uuid", $"{Guid.Empty}", $"{Guid.NewGuid():N}" })
            await app.GetAsync($"/api/v1/users/{id}", admin).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Lets_no_query_name_somebody_else()
    {
        var ((person, token), (other, _)) = (await app.SignedInAsync(), await app.SignedInAsync());
        Assert.Equal(["id"], await app.GetAsync($"/api/v1/users/{person.Id}?id={other.Id}", token).RefusedFieldsAsync());
    }

    [Fact]
    public async Task Answers_304_to_whoever_has_this_version()
    {
        var (person, token) = await app.SignedInAsync();
        var response = await app.SendAsync(
            HttpMethod.Get, $"/api/v1/users/{person.Id}", null, ("Authorization", $"Bearer {token}"), ("If-None-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Get, $"/api/v1/users/{Guid.NewGuid()}").ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
}
