using System.Text.Json;

namespace Tests.Infrastructure.Security;

/// <summary>Who logged in, who was refused and whose rights changed stands in the log, under names that stay.</summary>
public sealed class SecurityLogTests : IDisposable
{
    const string Password = "a fine password";
    const string Admin = "admin@example.com";
    const string Ada = "ada@example.com";

    static readonly string[] Both = ["user", "admin"];

    readonly string _folder = TestFolder.New();

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Each_event_has_its_name_its_user_the_client_and_the_request_and_no_address_of_anybody()
    {
        await using var server = await ServerProcess.StartAsync(
            _folder, $"Admin:Email={Admin}", $"Admin:Password={Password}", "Sessions:RefreshGraceSeconds=0");
        var registered = await PostAsync(
            server, "a-registration", "auth/register", new { email = Ada, password = Password, name = "Ada" });
        var ada = (await registered.DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        var (token, refresh) = await LogInAsync(server, "a-good-login", Ada);
        await PostAsync(server, "a-wrong-login", "auth/login", new { email = Ada, password = "a wrong password" });
        await PostAsync(
            server, "nobodys-login", "auth/login", new { email = "nobody@example.com", password = Password });
        await SendAsync(server, HttpMethod.Get, "no-administrator", "users", null, token);
        await PostAsync(server, "a-refused-change", "auth/password", Change("a wrong password"), token);
        await PostAsync(server, "a-good-change", "auth/password", Change(Password), token);
        await PostAsync(server, "an-exchange", "auth/refresh", new { refreshToken = refresh });
        await PostAsync(server, "an-exchange-again", "auth/refresh", new { refreshToken = refresh });
        var (admin, _) = await LogInAsync(server, "the-admins-login", Admin);
        await SendAsync(server, HttpMethod.Patch, "another-name", $"users/{ada}", new { name = "Ada L." }, admin);
        await SendAsync(server, HttpMethod.Patch, "other-roles", $"users/{ada}", new { roles = Both }, admin);
        Assert.Equal(0, await server.StopAsync());

        var events = Events(server);
        Assert.Equal(
            [
                $"a-good-login login.succeeded {ada}",
                $"a-wrong-login login.failed {ada}",
                "nobodys-login login.failed ",
                $"no-administrator access.denied {ada}",
                $"a-refused-change password.refused {ada}",
                $"a-good-change password.changed {ada}",
                $"an-exchange-again session.reuse_detected {ada}",
                $"the-admins-login login.succeeded {events[^2].GetProperty("fields").GetProperty("user").GetString()}",
                $"other-roles roles.changed {ada}",
            ],
            events.Select(Describe));
        var administrator = events[^2].GetProperty("fields").GetProperty("user").GetGuid();
        Assert.Equal(administrator, events[^1].GetProperty("fields").GetProperty("administrator").GetGuid());
        Assert.Equal("user admin", events[^1].GetProperty("fields").GetProperty("roles").GetString());
        Assert.All(
            events, line => Assert.Equal("127.0.0.1", line.GetProperty("fields").GetProperty("client").GetString()));
        Assert.DoesNotContain("@example.com", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_slowed_down_is_named_even_where_requests_are_not_logged()
    {
        await using var server = await ServerProcess.StartAsync(
            _folder, "RateLimits:Enabled=true", "RateLimits:FailedLogins=1", "Logging:LogLevel:SliceApi.Requests=None");
        foreach (var id in new[] { "a-first-guess", "a-second-guess" })
            await PostAsync(server, id, "auth/login", new { email = Ada, password = Password });
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(
            ["a-first-guess login.failed ", "a-second-guess request.throttled "], Events(server).Select(Describe));
        Assert.DoesNotContain("SliceApi.Requests", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("made.up.token")]
    public async Task A_flood_of_refused_requests_is_one_event(string? token)
    {
        await using var server = await ServerProcess.StartAsync(
            _folder, "RateLimits:Enabled=true", "RateLimits:Requests=2", "RateLimits:WindowSeconds=3600");
        for (var i = 0; i < 6; i++)
            await SendAsync(server, HttpMethod.Get, $"a-request-{i}", "products", null, token);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(["a-request-2 request.throttled "], Events(server).Select(Describe));
        Assert.Equal(
            [false, false, true, true, true, true],
            server.Lines.Where(line => line.GetProperty("category").ValueEquals("SliceApi.Requests"))
                .Select(line => line.GetProperty("fields").GetProperty("status").GetInt32() == 429));
    }

    static object Change(string current) => new { currentPassword = current, newPassword = "another fine password" };

    static List<JsonElement> Events(ServerProcess server)
        => [.. server.Lines.Where(line => line.GetProperty("category").ValueEquals("SliceApi.Security"))];

    static string Describe(JsonElement line)
        => $"{line.GetProperty("requestId")} {line.GetProperty("event")} "
            + $"{line.GetProperty("fields").GetProperty("user")}";

    static async Task<(string Access, string Refresh)> LogInAsync(ServerProcess server, string requestId, string email)
    {
        var response = await PostAsync(server, requestId, "auth/login", new { email, password = Password });
        var pair = await response.DataAsync(HttpStatusCode.OK);
        return (pair.GetProperty("accessToken").GetString()!, pair.GetProperty("refreshToken").GetString()!);
    }

    static Task<HttpResponseMessage> PostAsync(
        ServerProcess server, string requestId, string path, object body, string? token = null)
        => SendAsync(server, HttpMethod.Post, requestId, path, body, token);

    static Task<HttpResponseMessage> SendAsync(
        ServerProcess server, HttpMethod method, string requestId, string path, object? body, string? token)
        => Requests.SendAsync(
            server.Client,
            method,
            $"/api/v1/{path}",
            body is null ? null : Requests.Json(JsonSerializer.Serialize(body)),
            [
                ("X-Request-Id", requestId), ("If-Match", "*"),
                .. token is null ? [] : new[] { ("Authorization", $"Bearer {token}") },
            ]);
}
