using System.Text.Json;

namespace Tests.Infrastructure.Http;

/// <summary>What the log says of requests: one line for each, whatever they hold.</summary>
public sealed class RequestLogTests : IDisposable
{
    const string Requested = "SliceApi.Requests";

    static readonly string[] Fields = ["method", "route", "status", "user", "client"];

    readonly string _folder = TestFolder.New();

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Each_request_has_one_line_with_its_route_status_user_and_client()
    {
        await using var server = await ServerProcess.StartAsync(_folder, "Proxies:Known=127.0.0.1");
        var (user, token) = await SignedInAsync(server);
        var other = Guid.NewGuid();
        await GetAsync(server, "/api/v1/users/me?page=1", "refused-by-its-query", token);
        await GetAsync(server, "/api/v1/users/me", "signed-in", token, "203.0.113.7");
        await GetAsync(server, $"/api/v1/users/{other}", "not-the-users", token);
        await GetAsync(server, "/api/v1/users", "no-administrator", token);
        await GetAsync(server, "/api/v1/users/me", "not-signed-in", null);
        await GetAsync(server, "/api/v1/no-such-route", "no-route", null);
        Assert.Equal(0, await server.StopAsync());

        var lines = server.Lines.Where(line => line.GetProperty("category").ValueEquals(Requested)).ToList();
        Assert.Equal(
            [
                $"signed-in request Information GET /api/v1/users/me 200 {user} 203.0.113.7",
                $"not-the-users request Information GET /api/v1/users/{{id:uuid}} 404 {user} 127.0.0.1",
                $"no-administrator request Information GET /api/v1/users 403 {user} 127.0.0.1",
                "not-signed-in request Information GET /api/v1/users/me 401  127.0.0.1",
                "no-route request Information GET  404  127.0.0.1",
            ],
            lines[3..].Select(Describe));
        Assert.All(lines, line => Assert.True(line.GetProperty("fields").GetProperty("milliseconds").GetDouble() > 0));
        Assert.StartsWith("refused-by-its-query", Describe(lines[2]), StringComparison.Ordinal);
        Assert.DoesNotContain(other.ToString(), server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("no-such-route", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_a_warning_that_names_its_route_and_has_its_stack_on_a_line_of_its_own()
    {
        await using var server = await ServerProcess.StartAsync(_folder, "Logging:LogLevel:SliceApi.Requests=Warning");
        await DatabaseTool.ExecuteAsync(Path.Combine(_folder, "sliceapi.db"), "ALTER TABLE Users RENAME TO Gone");

        await PostAsync(server, "login", new { email = "a@example.com", password = "a fine password" });
        await GetAsync(server, "/api/v1/no-such-route", "not-a-failure", null);
        Assert.Equal(0, await server.StopAsync());
        var line = Assert.Single(server.Lines, line => line.GetProperty("category").ValueEquals(Requested));
        Assert.EndsWith("Warning POST /api/v1/auth/login 500  127.0.0.1", Describe(line), StringComparison.Ordinal);
        var error = Assert.Single(server.Lines, other
            => other.GetProperty("category").ValueEquals("SliceApi.Infrastructure.Http.ExceptionHandler")
                && other.GetProperty("requestId").ValueEquals(line.GetProperty("requestId").GetString()));
        Assert.Contains("/auth/login failed", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("   at ", error.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_value_forges_a_line_or_makes_one_long()
    {
        const string Forged = "\r\n{\"level\":\"Error\"}\u001b[2J\u2028\u0085";
        var longText = new string('x', 20_000);
        await using var server = await ServerProcess.StartAsync(
            _folder,
            "Logging:LogLevel:Default=Trace",
            "Logging:LogLevel:Microsoft=Trace",
            "Logging:LogLevel:FastEndpoints=Trace");
        var escaped = Uri.EscapeDataString(Forged);
        foreach (var text in new[] { Forged, longText })
        {
            await PostAsync(server, "login", new { email = text + "@example.com", password = text });
            await PostAsync(
                server, "register", new { email = text + "@example.com", password = "a fine password", name = text });
            var path = "/api/v1/" + Uri.EscapeDataString(text)[..Math.Min(5000, Uri.EscapeDataString(text).Length)];
            await GetAsync(server, path + "?q=" + escaped, escaped[..40], null);
            // What a header can hold at all.
            var agent = string.Concat(text.Where(c => char.IsAscii(c) && c is not ('\r' or '\n')));
            await Requests.SendAsync(server.Client, HttpMethod.Get, "/health/live", null, ("User-Agent", agent));
        }

        await Requests.SendAsync(server.Client, new HttpMethod(longText[..2000]), "/health/live");
        Assert.Equal(0, await server.StopAsync());
        // Each line is read as JSON.
        Assert.Equal(9, server.Lines.Count(line => line.GetProperty("category").ValueEquals(Requested)));
        Assert.DoesNotContain(server.Lines, line => line.GetProperty("level").ValueEquals("Error"));
        Assert.DoesNotContain(server.Output, c => c is not '\n' and (< ' ' or > '~'));
        Assert.DoesNotContain(longText[..1100], server.Output, StringComparison.Ordinal);
        Assert.Contains(longText[..500], server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_goes_on_when_nobody_reads_what_it_prints_and_says_later_how_much_was_lost()
    {
        await using var server = await ServerProcess.StartAsync(
            _folder, "Logging:LogLevel:Default=Trace", "Logging:LogLevel:Microsoft=Trace");
        server.StopReading();
        // Each prints a few kilobytes; a pipe and the queue behind it hold four megabytes.
        for (var i = 0; i < 3000; i++)
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/health/live", null, null)).StatusCode);
        server.ReadOn();
        await Wait.UntilAsync(
            () => Task.FromResult(server.Output.Contains("\"log.dropped\"", StringComparison.Ordinal)),
            "the loss is told");
        Assert.Equal(0, await server.StopAsync());
        var lost = server.Lines.First(
            line => line.TryGetProperty("event", out var name) && name.ValueEquals("log.dropped"));
        Assert.True(lost.GetProperty("fields").GetProperty("lines").GetInt64() > 0);
    }

    static string Describe(JsonElement line)
    {
        var fields = line.GetProperty("fields");
        return string.Join(
            ' ',
            [
                line.GetProperty("requestId").GetString(),
                line.GetProperty("event").GetString(),
                line.GetProperty("level").GetString(),
                .. Fields.Select(name => fields.GetProperty(name).ToString()),
            ]);
    }

    static async Task<(Guid User, string Token)> SignedInAsync(ServerProcess server)
    {
        var user = await PostAsync(
            server, "register", new { email = "ada@example.com", password = "a fine password", name = "Ada" });
        var pair = await PostAsync(server, "login", new { email = "ada@example.com", password = "a fine password" });
        return (
            (await user.DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid(),
            (await pair.DataAsync(HttpStatusCode.OK)).GetProperty("accessToken").GetString()!);
    }

    static Task<HttpResponseMessage> PostAsync(ServerProcess server, string action, object body)
        => Requests.SendAsync(
            server.Client, HttpMethod.Post, $"/api/v1/auth/{action}", Requests.Json(JsonSerializer.Serialize(body)));

    static Task<HttpResponseMessage> GetAsync(
        ServerProcess server, string path, string? requestId, string? token, string? forwardedFor = null)
    {
        var headers = new List<(string, string)>();
        if (requestId is not null)
            headers.Add(("X-Request-Id", requestId));
        if (token is not null)
            headers.Add(("Authorization", $"Bearer {token}"));
        if (forwardedFor is not null)
            headers.Add(("X-Forwarded-For", forwardedFor));
        return Requests.SendAsync(server.Client, HttpMethod.Get, path, null, [.. headers]);
    }
}
