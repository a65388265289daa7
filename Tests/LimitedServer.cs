using System.Text.Json;

namespace Tests;

/// <summary>
/// A server with small limits, whose tests come from addresses of their own: it trusts what a proxy on this machine
/// says of them. No window but those of a minute ends while a test runs.
/// </summary>
public sealed class LimitedServer() : SharedServer([.. Settings, "Proxies:Known=10.0.0.0/8, 127.0.0.1"])
{
    public const int Limit = 20;
    public const int AuthLimit = 12;

    ApiDocument _document = null!;
    int _addresses;

    public static readonly string[] Settings =
    [
        "RateLimits:Enabled=true",
        $"RateLimits:Requests={Limit}",
        "RateLimits:WindowSeconds=3600",
        $"RateLimits:AuthRequests={AuthLimit}",
    ];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _document = await ApiDocument.ReadAsync(Client);
    }

    /// <summary>An address that nothing has come from yet.</summary>
    public string NewAddress() => $"192.0.2.{Interlocked.Increment(ref _addresses)}";

    /// <summary>Sends a request as if from <paramref name="from"/>, or from the proxy itself when it is null.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        string? from, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        var response = await Requests.SendAsync(
            Client,
            method,
            path,
            body is null ? null : Requests.Json(JsonSerializer.Serialize(body)),
            from is null ? headers : [("X-Forwarded-For", from), .. headers]);
        await _document.CheckAsync(method, path, response);
        return response;
    }

    public Task<HttpResponseMessage> GetAsync(string? from, string path, string? token = null)
        => SendAsync(from, HttpMethod.Get, path, null, token is null ? [] : [("Authorization", $"Bearer {token}")]);

    public Task<HttpResponseMessage> LogInAsync(string from, string email, string password)
        => SendAsync(from, HttpMethod.Post, "/api/v1/auth/login", new { email, password });

    /// <summary>Registers somebody, from an address that is used for nothing else.</summary>
    public async Task<Person> PersonAsync()
    {
        var person = new Person($"{Guid.NewGuid():N}@example.com", "a fine password");
        var body = new { email = person.Email, password = person.Password, name = "Ada" };
        await SendAsync(NewAddress(), HttpMethod.Post, "/api/v1/auth/register", body).DataAsync(HttpStatusCode.Created);
        return person;
    }

    /// <summary>The access token of somebody new, logged in from an address that is used for nothing else.</summary>
    public async Task<(Person Person, string Token)> SignedInAsync()
    {
        var person = await PersonAsync();
        var pair = await LogInAsync(NewAddress(), person.Email, person.Password).DataAsync(HttpStatusCode.OK);
        return (person, pair.GetProperty("accessToken").GetString()!);
    }
}

static class Refusals
{
    /// <summary>One too many.</summary>
    public static async Task RefusedAsync(this HttpResponseMessage response)
    {
        await response.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMITED");
        Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
    }

    /// <inheritdoc cref="RefusedAsync(HttpResponseMessage)"/>
    public static async Task RefusedAsync(this Task<HttpResponseMessage> response)
        => await (await response).RefusedAsync();
}
