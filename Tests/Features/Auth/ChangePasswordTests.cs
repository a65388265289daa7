using System.Text.Json;

namespace Tests.Features.Auth;

public sealed class ChangePasswordTests(App app)
{
    const string Route = "/api/v1/auth/password";

    [Fact]
    public async Task Changes_the_password_and_ends_every_other_session()
    {
        var person = await app.PersonAsync();
        var (mine, other) = (await app.LogInAsync(person), await app.LogInAsync(person));
        await app.GetAsync("/api/v1/users/me", other.Access).DataAsync(HttpStatusCode.OK);

        var response = await ChangeAsync(mine.Access, person.Password, "another fine password");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await app.GetAsync("/api/v1/users/me", other.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync("/api/v1/users/me", mine.Access).DataAsync(HttpStatusCode.OK);
        await LogInAsync(person.Email, person.Password).ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        await LogInAsync(person.Email, "another fine password").DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refuses_a_wrong_current_password_and_changes_nothing()
    {
        var (person, token) = await app.SignedInAsync();
        await ChangeAsync(token, "not the password", "another fine password")
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        await LogInAsync(person.Email, person.Password).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refuses_new_passwords_that_are_no_better()
    {
        var (person, token) = await app.SignedInAsync();
        foreach (var bad in new[] { "short", "password", new string('p', 129), person.Password, "" })
            Assert.Equal(["newPassword"], await ChangeAsync(token, person.Password, bad).RefusedFieldsAsync());
        await LogInAsync(person.Email, person.Password).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refuses_the_callers_own_address_as_it_would_have_been_at_the_start()
    {
        var local = $"{Guid.NewGuid():N}";
        var person = await app.PersonAsync($"{local}@example.com");
        var token = (await app.LogInAsync(person)).Access;
        var start = new { email = $"a{local}@example.com", password = $"a{local}", name = "Ada" };
        var refusal = await app.PostAsync("/api/v1/auth/register", JsonSerializer.Serialize(start))
            .ErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        foreach (var bad in new[] { local, local.ToUpperInvariant(), person.Email, person.Email.ToUpperInvariant() })
        {
            var error = await ChangeAsync(token, person.Password, bad)
                .ErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
            Assert.Equal(
                refusal.GetProperty("details").GetProperty("password").ToString(),
                error.GetProperty("details").GetProperty("newPassword").ToString());
        }

        await LogInAsync(person.Email, person.Password).DataAsync(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await ChangeAsync(token, person.Password, $"{local}?")).StatusCode);
    }

    [Fact]
    public async Task Lets_one_of_two_win_who_change_it_at_once()
    {
        var (person, token) = await app.SignedInAsync();
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => ChangeAsync(token, person.Password, $"fine password {i}")));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.NoContent);
        foreach (var refused in responses.Where(r => r.StatusCode != HttpStatusCode.NoContent))
            await refused.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.PostAsync(Route, "{}").ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    Task<HttpResponseMessage> ChangeAsync(string token, string currentPassword, string newPassword)
        => app.SendAsync(
            HttpMethod.Post,
            Route,
            Requests.Json(JsonSerializer.Serialize(new { currentPassword, newPassword })),
            ("Authorization", $"Bearer {token}"));

    Task<HttpResponseMessage> LogInAsync(string email, string password)
        => app.PostAsync("/api/v1/auth/login", JsonSerializer.Serialize(new { email, password }));
}
