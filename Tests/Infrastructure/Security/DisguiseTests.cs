using System.Text.Json;

namespace Tests.Infrastructure.Security;

/// <summary>Requests that spell a route otherwise, or name another beside it: none gets further.</summary>
public sealed class DisguiseTests(DisguiseTests.PeopledServer server) : IClassFixture<DisguiseTests.PeopledServer>
{
    const string Users = "/api/v1/users";
    const string Ada = "ada@example.com";
    const string Bob = "bob@example.com";
    const string Password = "a fine password";

    readonly string _admin = server.Admin;
    readonly string _ada = server.Ada;
    readonly string _bob = server.Bob;

    /// <summary>With an administrator and two others, each with a token.</summary>
    public sealed class PeopledServer() : SharedServer("Admin:Email=root@example.com", $"Admin:Password={Password}")
    {
        public string Admin { get; private set; } = "";

        public string Ada { get; private set; } = "";

        public string Bob { get; private set; } = "";

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            foreach (var email in new[] { DisguiseTests.Ada, DisguiseTests.Bob })
            {
                var body = JsonSerializer.Serialize(new { email, password = Password, name = "Somebody" });
                await Requests.SendAsync(Client, HttpMethod.Post, "/api/v1/auth/register", Requests.Json(body))
                    .DataAsync(HttpStatusCode.Created);
            }

            Admin = await Process.LogInAsync("root@example.com", Password);
            Ada = await Process.LogInAsync(DisguiseTests.Ada, Password);
            Bob = await Process.LogInAsync(DisguiseTests.Bob, Password);
        }
    }

    [Fact]
    public async Task No_spelling_of_a_path_opens_it()
    {
        string[] spellings =
        [
            "/api/v1/users", "/api/v1/users/", "/api/v1/users//", "//api/v1/users", "/api//v1/users",
            "/API/V1/USERS", "/api/v1/users;a=b", "/api/v1;/users", "/api/v1/./users", "/api/v1/users/.",
            "/api/v1/users/me/..", "/api/v1/users/me/%2e%2e", "/api/v1/%2e/users", "/api/v1/users/me/..%2f",
            "/api/v1/auth/login/../../users", "/api/v1/auth/login/%2e%2e/%2e%2e/users",
            "/health/live/../../api/v1/users", "/api/v1/users%2f", "/api%2fv1%2fusers", "/api/v1/users%20",
            "/api/v1/users%00", "/api/v1/users%09", "/api/v1/users.json", "/api/v1/users?", "/api/v1/users?x",
            "/api/v1/%75sers", "/api/v1/%2575sers", "/api/v1/us\u00e9rs", "/api\\v1\\users",
            "/docs/../api/v1/users", "/openapi/../api/v1/users",
        ];
        var reached = 0;
        foreach (var spelling in spellings)
        {
            await IsRefusedAsync(spelling, null, HttpStatusCode.Unauthorized);
            await IsRefusedAsync(spelling, _bob, HttpStatusCode.Forbidden);
            if ((await SendAsync(HttpMethod.Get, spelling, _admin)).StatusCode == HttpStatusCode.OK)
                reached++;
        }

        // It is a route, and some of these are ways to spell it.
        Assert.InRange(reached, 3, spellings.Length);
    }

    [Fact]
    public async Task No_spelling_of_a_path_shows_somebody_else()
    {
        var ada = Jwt.Payload(_ada)["sub"]!.GetValue<string>();
        var bob = Jwt.Payload(_bob)["sub"]!.GetValue<string>();
        var packed = ada.Replace("-", "", StringComparison.Ordinal);
        string[] spellings =
        [
            $"/{ada}", $"/me/../{ada}", $"/me/%2e%2e/{ada}", $"/{bob}/../{ada}", $"/{bob}/..%2f{ada}",
            $"/{bob}%2f..%2f{ada}", $"/{bob};/../{ada}", $"/{ada.ToUpperInvariant()}", $"/{ada}/", $"//{ada}",
            $"/%7b{ada}%7d", $"/{packed}", $"/{ada};id={bob}", $"/{ada}%00", $"/{ada}%20", $"/./{ada}",
        ];
        foreach (var spelling in spellings)
        {
            await IsRefusedAsync(Users + spelling, null, HttpStatusCode.Unauthorized);
            await IsRefusedAsync(Users + spelling, _bob, HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task No_header_names_another_path()
    {
        string[] names =
        [
            "X-Original-URL", "X-Rewrite-URL", "X-Original-URI",
            "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Forwarded-Uri",
        ];
        foreach (var name in names)
        {
            var live = await SendAsync(HttpMethod.Get, "/health/live", null, (name, Users));
            Assert.StartsWith("{\"status\":\"ok\"", await TextAsync(live), StringComparison.Ordinal);
            var me = await SendAsync(HttpMethod.Get, $"{Users}/me", _bob, (name, Users)).DataAsync(HttpStatusCode.OK);
            Assert.Equal(Bob, me.GetProperty("email").GetString());
            await SendAsync(HttpMethod.Get, Users, null, (name, "/health/live"))
                .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            await SendAsync(HttpMethod.Get, Users, _bob, (name, $"{Users}/me"))
                .ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        }
    }

    [Fact]
    public async Task Nothing_names_another_method()
    {
        var path = $"{Users}/{Jwt.Payload(_ada)["sub"]!.GetValue<string>()}";
        foreach (var name in new[] { "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method" })
        {
            var (delete, get, any) = ((name, "DELETE"), (name, "GET"), ("If-Match", "*"));
            // Also of somebody who may do both.
            var user = await SendAsync(HttpMethod.Get, path, _admin, delete, any).DataAsync(HttpStatusCode.OK);
            Assert.Equal(Ada, user.GetProperty("email").GetString());
            var query = await SendAsync(HttpMethod.Get, $"{path}?{name}=DELETE", _admin, any);
            Assert.Equal([name], await query.RefusedFieldsAsync());
            await SendAsync(HttpMethod.Post, path, _admin, delete, any)
                .ErrorAsync(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED");
            await SendAsync(HttpMethod.Delete, path, _bob, get, any).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            await SendAsync(HttpMethod.Post, Users, _bob, get).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        }

        await SendAsync(HttpMethod.Get, path, _ada).DataAsync(HttpStatusCode.OK);
    }

    async Task IsRefusedAsync(string spelling, string? token, HttpStatusCode plain)
    {
        var response = await SendAsync(HttpMethod.Get, spelling, token);
        Assert.True(
            response.StatusCode == plain || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest,
            $"{spelling} is answered with {response.StatusCode}");
        Assert.DoesNotContain(Ada, await TextAsync(response), StringComparison.Ordinal);
    }

    static Task<string> TextAsync(HttpResponseMessage response)
        => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    // The path goes over the wire as it is written here.
    async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token, params (string Name, string Value)[] headers)
    {
        var uri = new Uri(
            server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
