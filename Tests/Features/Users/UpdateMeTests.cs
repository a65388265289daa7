using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Users;

public sealed class UpdateMeTests(App app)
{
    const string Route = "/api/v1/users/me";

    [Fact]
    public async Task Changes_only_what_is_sent_and_raises_the_version()
    {
        var (person, token) = await app.SignedInAsync();
        var response = await PatchAsync(token, """{"name":"Grace"}""", "\"1\"");
        var user = await response.DataAsync(HttpStatusCode.OK);
        Assert.Equal("Grace", user.GetProperty("name").GetString());
        Assert.Equal(person.Email, user.GetProperty("email").GetString());
        Assert.Equal(2, user.GetProperty("version").GetInt64());
        Assert.Equal("\"2\"", response.Headers.ETag?.ToString());

        var email = $"{Guid.NewGuid():N}@example.com";
        await PatchAsync(token, $$"""{"email":"{{email}}"}""", "\"2\"").DataAsync(HttpStatusCode.OK);
        await app.LogInAsync(person with { Email = email.ToUpperInvariant() });
    }

    [Fact]
    public async Task Is_seen_by_the_very_next_request()
    {
        var (_, token) = await app.SignedInAsync();
        for (var version = 1; version <= 20; version++)
        {
            await app.GetAsync(Route, token).DataAsync(HttpStatusCode.OK);
            await PatchAsync(token, $$"""{"name":"Name {{version}}"}""", $"\"{version}\"").DataAsync(HttpStatusCode.OK);
            var me = await app.GetAsync(Route, token).DataAsync(HttpStatusCode.OK);
            Assert.Equal($"Name {version}", me.GetProperty("name").GetString());
        }
    }

    [Fact]
    public async Task Lets_one_of_many_win_who_read_the_same_version()
    {
        var (_, token) = await app.SignedInAsync();
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(i => PatchAsync(token, $$"""{"name":"Name {{i}}"}""", "\"1\"")));
        var winner = await Assert.Single(responses, r => r.StatusCode == HttpStatusCode.OK)
            .DataAsync(HttpStatusCode.OK);
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.OK))
            await loser.ErrorAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        var me = await app.GetAsync(Route, token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(winner.GetProperty("name").GetString(), me.GetProperty("name").GetString());
        Assert.Equal(2, me.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.PreconditionRequired, "PRECONDITION_REQUIRED")]
    [InlineData("\"2\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("W/\"1\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("\"x\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("\"-1\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("1", HttpStatusCode.BadRequest, "VALIDATION_ERROR")]
    [InlineData("\"1", HttpStatusCode.BadRequest, "VALIDATION_ERROR")]
    [InlineData("\"1\", 1", HttpStatusCode.BadRequest, "VALIDATION_ERROR")]
    [InlineData("\"01\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("\"+1\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    public async Task Refuses_to_change_a_version_that_was_not_named(
        string? ifMatch, HttpStatusCode status, string code)
    {
        var (person, token) = await app.SignedInAsync();
        await PatchAsync(token, """{"name":"Grace"}""", ifMatch).ErrorAsync(status, code);
        Assert.Equal("Somebody", await NameAsync(person));
    }

    [Fact]
    public async Task Refuses_a_precondition_of_10_kb()
    {
        var (person, token) = await app.SignedInAsync();
        var many = string.Join(", ", Enumerable.Range(0, 1500).Select(i => $"\"{i}\""));
        await PatchAsync(token, """{"name":"Grace"}""", many).ErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Equal("Somebody", await NameAsync(person));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"7\", \"1\"")]
    public async Task Takes_any_version_and_one_of_several(string ifMatch)
    {
        var (_, token) = await app.SignedInAsync();
        await PatchAsync(token, """{"name":"Grace"}""", ifMatch).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Changes_nothing_when_nothing_is_sent()
    {
        var (_, token) = await app.SignedInAsync();
        var user = await PatchAsync(token, "{}", "\"1\"").DataAsync(HttpStatusCode.OK);
        Assert.Equal(1, user.GetProperty("version").GetInt64());
        await PatchAsync(token, "{}", "\"2\"").ErrorAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
    }

    [Theory]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"email":null}""", "email")]
    [InlineData("""{"name":"","email":"x"}""", "email", "name")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"roles":["admin"]}""", "roles")]
    [InlineData("""{"Roles":["admin"]}""", "Roles")]
    [InlineData("""{"id":"01a1fdef-2c23-7a42-a72e-7203d30dd65b"}""", "id")]
    [InlineData("""{"passwordHash":"x"}""", "passwordHash")]
    [InlineData("""{"version":7}""", "version")]
    [InlineData("""{"name":{"value":"x","isGiven":true}}""", "name")]
    [InlineData("[]", "body")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, params string[] fields)
    {
        var (person, token) = await app.SignedInAsync();
        Assert.Equal(fields, await PatchAsync(token, body, "\"1\"").RefusedFieldsAsync());
        Assert.Equal("Somebody", await NameAsync(person));
    }

    [Fact]
    public async Task Refuses_an_address_that_somebody_else_has()
    {
        var other = await app.PersonAsync();
        var (person, token) = await app.SignedInAsync();
        var json = JsonSerializer.Serialize(new { email = other.Email.ToUpperInvariant(), name = "Grace" });
        await PatchAsync(token, json, "\"1\"").ErrorAsync(HttpStatusCode.Conflict, "EMAIL_TAKEN");
        Assert.Equal("Somebody", await NameAsync(person));
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Patch, Route, Requests.Json("{}"))
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    Task<HttpResponseMessage> PatchAsync(string token, string json, string? ifMatch)
        => app.SendJsonAsync(HttpMethod.Patch, Route, token, json, ifMatch);

    Task<string> NameAsync(Person person)
        => app.InDatabaseAsync(db => db.Users
            .Where(u => u.Id == person.Id).Select(u => u.Name).SingleAsync(TestContext.Current.CancellationToken));
}
