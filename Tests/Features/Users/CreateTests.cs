using System.Text.Json;

namespace Tests.Features.Users;

public sealed class CreateTests(App app)
{
    const string Route = "/api/v1/users";

    [Theory]
    [InlineData(null, "user")]
    [InlineData("""["user"]""", "user")]
    [InlineData("""["user","admin"]""", "user", "admin")]
    public async Task Makes_an_account_with_the_roles_that_are_asked_for(string? roles, params string[] given)
    {
        var (_, admin) = await app.AdministratorAsync();
        var email = $"{Guid.NewGuid():N}@example.com";
        var response = await app.SendJsonAsync(HttpMethod.Post, Route, admin, Body(email, roles));
        var user = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(given, user.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal($"{Route}/{user.GetProperty("id").GetString()}", response.Headers.Location?.OriginalString);
        await app.LogInAsync(new Person(email, "a fine password"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""["root"]""")]
    [InlineData("""["admin","admin"]""")]
    [InlineData("""["Admin"]""")]
    [InlineData("""[null]""")]
    [InlineData("""["admin",5]""")]
    [InlineData("\"admin\"")]
    [InlineData("3")]
    public async Task Refuses_roles_that_there_are_not(string roles)
    {
        var (_, admin) = await app.AdministratorAsync();
        var body = Body($"{Guid.NewGuid():N}@example.com", roles);
        var fields = await app.SendJsonAsync(HttpMethod.Post, Route, admin, body).RefusedFieldsAsync();
        Assert.StartsWith("roles", Assert.Single(fields), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_every_field_that_is_missing()
    {
        var (_, admin) = await app.AdministratorAsync();
        var fields = await app.SendJsonAsync(HttpMethod.Post, Route, admin, "{}").RefusedFieldsAsync();
        Assert.Equal(["email", "name", "password"], fields);
    }

    [Fact]
    public async Task Refuses_an_address_that_has_an_account()
    {
        var ((_, admin), other) = (await app.AdministratorAsync(), await app.PersonAsync());
        await app.SendJsonAsync(HttpMethod.Post, Route, admin, Body(other.Email, null))
            .ErrorAsync(HttpStatusCode.Conflict, "EMAIL_TAKEN");
    }

    [Fact]
    public async Task Is_for_administrators_and_says_so_before_it_looks_at_the_body()
    {
        var (_, token) = await app.SignedInAsync();
        await app.SendJsonAsync(HttpMethod.Post, Route, token, "{").ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await app.PostAsync(Route, "{").ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    static string Body(string email, string? roles)
    {
        var address = JsonSerializer.Serialize(email);
        var more = roles is null ? "" : $",\"roles\":{roles}";
        return $$"""{"email":{{address}},"password":"a fine password","name":"Grace"{{more}}}""";
    }
}
