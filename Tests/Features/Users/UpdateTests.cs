using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Users;

public sealed class UpdateTests(App app)
{
    [Fact]
    public async Task Changes_only_what_is_sent()
    {
        var ((_, admin), person) = (await app.AdministratorAsync(), await app.PersonAsync());
        var user = await PatchAsync(admin, person.Id, """{"name":"Grace"}""", "\"1\"").DataAsync(HttpStatusCode.OK);
        Assert.Equal("Grace", user.GetProperty("name").GetString());
        Assert.Equal(person.Email, user.GetProperty("email").GetString());
        Assert.Equal(2, user.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Gives_and_takes_roles_with_effect_on_the_very_next_request()
    {
        var ((_, admin), (person, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        for (var version = 1; version <= 10; version += 2)
        {
            await app.GetAsync("/api/v1/users", token).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            await PatchAsync(admin, person.Id, """{"roles":["user","admin"]}""", $"\"{version}\"")
                .DataAsync(HttpStatusCode.OK);
            await app.GetAsync("/api/v1/users", token).DataAsync(HttpStatusCode.OK);
            await PatchAsync(admin, person.Id, """{"roles":["user"]}""", $"\"{version + 1}\"")
                .DataAsync(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("""{"roles":null}""", "roles")]
    [InlineData("""{"roles":[]}""", "roles")]
    [InlineData("""{"roles":["root"]}""", "roles")]
    [InlineData("""{"roles":"admin"}""", "roles")]
    [InlineData("""{"roles":[5]}""", "roles")]
    [InlineData("""{"name":null,"email":""}""", "email", "name")]
    [InlineData("""{"id":"01a1fdef-2c23-7a42-a72e-7203d30dd65b"}""", "id")]
    [InlineData("""{"password":"a fine password"}""", "password")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, params string[] fields)
    {
        var ((_, admin), person) = (await app.AdministratorAsync(), await app.PersonAsync());
        Assert.Equal(fields, await PatchAsync(admin, person.Id, body, "\"1\"").RefusedFieldsAsync());
        Assert.Equal(1, await VersionAsync(person));
    }

    [Fact]
    public async Task Decides_by_the_version()
    {
        var ((_, admin), person) = (await app.AdministratorAsync(), await app.PersonAsync());
        await PatchAsync(admin, person.Id, """{"name":"Grace"}""", null)
            .ErrorAsync(HttpStatusCode.PreconditionRequired, "PRECONDITION_REQUIRED");
        await PatchAsync(admin, person.Id, """{"name":"Grace"}""", "\"2\"")
            .ErrorAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        await PatchAsync(admin, Guid.CreateVersion7(), """{"name":"Grace"}""", "\"1\"")
            .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(1, await VersionAsync(person));
        await PatchAsync(admin, person.Id, "{}", "\"1\"").DataAsync(HttpStatusCode.OK);
        Assert.Equal(1, await VersionAsync(person));
    }

    [Fact]
    public async Task Refuses_an_address_that_somebody_else_has()
    {
        var ((_, admin), person, other) =
            (await app.AdministratorAsync(), await app.PersonAsync(), await app.PersonAsync());
        await PatchAsync(admin, person.Id, JsonSerializer.Serialize(new { email = other.Email }), "*")
            .ErrorAsync(HttpStatusCode.Conflict, "EMAIL_TAKEN");
    }

    [Fact]
    public async Task Is_for_administrators_and_says_so_before_it_looks_at_anything()
    {
        var (person, token) = await app.SignedInAsync();
        await PatchAsync(token, person.Id, "{", null).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await PatchAsync(token, Guid.NewGuid(), "{}", "*").ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    Task<HttpResponseMessage> PatchAsync(string token, Guid id, string json, string? ifMatch)
        => app.SendJsonAsync(HttpMethod.Patch, $"/api/v1/users/{id}", token, json, ifMatch);

    Task<long> VersionAsync(Person person)
        => app.InDatabaseAsync(db => db.Users
            .Where(u => u.Id == person.Id).Select(u => u.Version).SingleAsync(TestContext.Current.CancellationToken));
}
