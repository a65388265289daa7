using System.Text.Json;

namespace Tests.Features.Auth;

/// <summary>
/// Requests that run while somebody's rights are taken: whatever they answer, no right outlives the answer to the
/// request that took it, and nothing is anybody's fault (500).
/// </summary>
public sealed class RacesTests(App app)
{
    const int Rounds = 30;
    const string Me = "/api/v1/users/me";
    const string Users = "/api/v1/users";

    [Fact]
    public async Task No_session_outlives_a_logout_that_is_sent_twice()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (_, token) = await app.SignedInAsync();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
                async () =>
                {
                    await app.GetAsync(Me, token);
                    var response = await app.SendJsonAsync(HttpMethod.Post, "/api/v1/auth/logout", token, null);
                    if (response.StatusCode != HttpStatusCode.NoContent)
                        await response.ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
                    await app.GetAsync(Me, token).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
                },
                TestContext.Current.CancellationToken)));
        }
    }

    [Fact]
    public async Task No_refresh_outlives_a_change_of_the_password()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.PersonAsync();
            var (mine, other) = (await app.LogInAsync(person), await app.LogInAsync(person));
            var refreshing = UntilRefusedAsync(() => RefreshAsync(other.Refresh), "SESSION_ENDED");
            await app.GetAsync(Me, other.Access).DataAsync(HttpStatusCode.OK);
            var response = await App.PatientlyAsync(() => ChangePasswordAsync(mine.Access, person));
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            await AllRefusedAsync(await refreshing, other.Access);
            await app.GetAsync(Me, mine.Access).DataAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task No_login_with_the_old_password_outlives_its_change()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.PersonAsync();
            var mine = await app.LogInAsync(person);
            var loggingIn = Enumerable.Range(0, 4)
                .Select(_ => UntilRefusedAsync(() => LogInAsync(person), "INVALID_CREDENTIALS")).ToList();
            var response = await App.PatientlyAsync(() => ChangePasswordAsync(mine.Access, person));
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            foreach (var pairs in await Task.WhenAll(loggingIn))
                await AllRefusedAsync(pairs);
        }
    }

    [Fact]
    public async Task Nothing_outlives_the_deletion_of_its_user()
    {
        var (_, admin) = await app.AdministratorAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.PersonAsync();
            var pair = await app.LogInAsync(person);
            var refreshing = UntilRefusedAsync(() => RefreshAsync(pair.Refresh), "SESSION_ENDED");
            var loggingIn = UntilRefusedAsync(() => LogInAsync(person), "INVALID_CREDENTIALS");
            var asking = UntilRefusedAsync(() => app.GetAsync(Me, pair.Access), "SESSION_ENDED", "NOT_FOUND");
            var changing = UntilRefusedAsync(
                () => app.SendJsonAsync(HttpMethod.Patch, Me, pair.Access, "{}", "*"), "SESSION_ENDED", "NOT_FOUND");
            var response = await app.SendJsonAsync(HttpMethod.Delete, $"{Users}/{person.Id}", admin, null, "*");
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            await app.GetAsync(Me, pair.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
            await AllRefusedAsync([.. await refreshing, .. await loggingIn], pair.Access);
            await Task.WhenAll(asking, changing);
        }
    }

    [Fact]
    public async Task No_role_outlives_its_taking()
    {
        var (_, admin) = await app.AdministratorAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var (person, access) = await app.AdministratorAsync();
            var pair = await app.LogInAsync(person);
            var listing = UntilRefusedAsync(() => app.GetAsync($"{Users}?pageSize=1", access), "FORBIDDEN");
            var refreshing = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefreshAsync(pair.Refresh)));
            await app.SendJsonAsync(HttpMethod.Patch, $"{Users}/{person.Id}", admin, """{"roles":["user"]}""", "*")
                .DataAsync(HttpStatusCode.OK);
            await app.GetAsync(Users, access).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            await app.GetAsync(Users, pair.Access).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            foreach (var response in await refreshing)
            {
                var refreshed = await response.DataAsync(HttpStatusCode.OK);
                await app.GetAsync(Users, refreshed.GetProperty("accessToken").GetString()!)
                    .ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            }

            await listing;
            var after = await RefreshAsync(pair.Refresh).DataAsync(HttpStatusCode.OK);
            var claims = Jwt.Payload(after.GetProperty("accessToken").GetString()!);
            Assert.Equal("user", claims["role"]!.GetValue<string>());
        }
    }

    // All answers until the first that is no success, which must be one of the refusals.
    static async Task<List<JsonElement>> UntilRefusedAsync(Func<Task<HttpResponseMessage>> send, params string[] codes)
    {
        var answers = new List<JsonElement>();
        // A refresh token may be sent so often, and the rest is enough as well.
        while (answers.Count < 50)
        {
            var response = await App.PatientlyAsync(send);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                answers.Add(await response.DataAsync(HttpStatusCode.OK));
                continue;
            }

            Assert.True(codes.Any(code => text.Contains($"\"{code}\"", StringComparison.Ordinal)), text);
            break;
        }

        return answers;
    }

    async Task AllRefusedAsync(IEnumerable<JsonElement> pairs, params string[] others)
    {
        foreach (var pair in pairs)
        {
            await RefreshAsync(pair.GetProperty("refreshToken").GetString()!)
                .ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        }

        foreach (var access in pairs.Select(pair => pair.GetProperty("accessToken").GetString()!).Concat(others))
            await app.GetAsync(Me, access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
    }

    Task<HttpResponseMessage> RefreshAsync(string refreshToken)
        => app.PostAsync("/api/v1/auth/refresh", JsonSerializer.Serialize(new { refreshToken }));

    Task<HttpResponseMessage> LogInAsync(Person person)
        => app.PostAsync(
            "/api/v1/auth/login", JsonSerializer.Serialize(new { email = person.Email, password = person.Password }));

    Task<HttpResponseMessage> ChangePasswordAsync(string token, Person person)
        => app.SendJsonAsync(
            HttpMethod.Post,
            "/api/v1/auth/password",
            token,
            JsonSerializer.Serialize(new { currentPassword = person.Password, newPassword = "another fine password" }));
}
