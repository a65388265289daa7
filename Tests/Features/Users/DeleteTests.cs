using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Users;

public sealed class DeleteTests(App app)
{
    static readonly string[] Administrator = ["admin"];

    [Fact]
    public async Task Deletes_a_user_and_ends_the_sessions_at_once()
    {
        var ((_, admin), (person, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        await app.GetAsync("/api/v1/users/me", token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(admin, person.Id, "\"1\"")).StatusCode);
        await app.GetAsync("/api/v1/users/me", token).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync($"/api/v1/users/{person.Id}", admin).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await DeleteAsync(admin, person.Id, "\"1\"").ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        var login = JsonSerializer.Serialize(new { email = person.Email, password = person.Password });
        await app.PostAsync("/api/v1/auth/login", login)
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        await app.PersonAsync(person.Email);
    }

    [Fact]
    public async Task Decides_by_the_version()
    {
        var ((_, admin), person) = (await app.AdministratorAsync(), await app.PersonAsync());
        await DeleteAsync(admin, person.Id, null)
            .ErrorAsync(HttpStatusCode.PreconditionRequired, "PRECONDITION_REQUIRED");
        await DeleteAsync(admin, person.Id, "\"2\"")
            .ErrorAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        Assert.True(await app.InDatabaseAsync(
            db => db.Users.AnyAsync(u => u.Id == person.Id, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Is_for_administrators()
    {
        var (person, token) = await app.SignedInAsync();
        await DeleteAsync(token, person.Id, "*").ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await app.SendAsync(HttpMethod.Delete, $"/api/v1/users/{person.Id}")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Always_leaves_an_administrator_however_they_go_about_it()
    {
        var folder = TestFolder.New();
        await using (var server = await ServerProcess.StartAsync(
            folder, "Admin:Email=root@example.com", "Admin:Password=a fine password"))
        {
            var (root, rootId) = await LogInAsync("root@example.com");
            await SendAsync(HttpMethod.Delete, rootId, root, null).ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
            await SendAsync(HttpMethod.Patch, rootId, root, """{"roles":["user"]}""")
                .ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");

            for (var round = 0; round < 20; round++)
            {
                // A second one, and both try to get rid of the other at once, one way or the other.
                var email = $"other-{round}@example.com";
                await Requests.SendAsync(
                    server.Client,
                    HttpMethod.Post,
                    "/api/v1/users",
                    Requests.Json(JsonSerializer.Serialize(
                        new { email, password = "a fine password", name = "Other", roles = Administrator })),
                    ("Authorization", $"Bearer {root}")).DataAsync(HttpStatusCode.Created);
                var (other, otherId) = await LogInAsync(email);
                var attempts = await Task.WhenAll(
                    SendAsync(HttpMethod.Delete, otherId, root, null),
                    SendAsync(HttpMethod.Patch, rootId, other, """{"roles":["user"]}"""));
                if (attempts[1].StatusCode == HttpStatusCode.OK)
                {
                    // The first is no administrator any more: the second makes one again and goes.
                    await SendAsync(HttpMethod.Patch, rootId, other, """{"roles":["user","admin"]}""")
                        .DataAsync(HttpStatusCode.OK);
                    var gone = await SendAsync(HttpMethod.Delete, otherId, root, null);
                    Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
                }
                else
                {
                    Assert.Equal(HttpStatusCode.NoContent, attempts[0].StatusCode);
                }
            }

            async Task<(string Token, Guid Id)> LogInAsync(string email)
            {
                var body = Requests.Json(JsonSerializer.Serialize(new { email, password = "a fine password" }));
                var data = await Requests.SendAsync(server.Client, HttpMethod.Post, "/api/v1/auth/login", body)
                    .DataAsync(HttpStatusCode.OK);
                var token = data.GetProperty("accessToken").GetString()!;
                return (token, Guid.Parse(Jwt.Payload(token)["sub"]!.GetValue<string>()));
            }

            Task<HttpResponseMessage> SendAsync(HttpMethod method, Guid id, string token, string? json)
                => Requests.SendAsync(
                    server.Client,
                    method,
                    $"/api/v1/users/{id}",
                    json is null ? null : Requests.Json(json),
                    ("Authorization", $"Bearer {token}"),
                    ("If-Match", "*"));
        }

        TestFolder.Delete(folder);
    }

    Task<HttpResponseMessage> DeleteAsync(string token, Guid id, string? ifMatch)
        => app.SendJsonAsync(HttpMethod.Delete, $"/api/v1/users/{id}", token, null, ifMatch);
}
