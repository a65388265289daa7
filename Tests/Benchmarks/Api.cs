using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Benchmarks;

/// <summary>Uses the API as a client does, to put in place what a benchmark needs.</summary>
sealed class Api(HttpClient client, CancellationToken stop)
{
    /// <summary>Where the API's routes begin.</summary>
    public const string Root = "/api/v1";

    /// <summary>The first administrator, who is made by <see cref="AdministratorSettings"/>.</summary>
    public const string Administrator = "admin@example.com";

    /// <summary>Everybody's.</summary>
    public const string Password = "correct horse battery staple";

    /// <summary>Nobody's.</summary>
    public const string WrongPassword = "wrong horse battery staple";

    /// <summary>Settings with which the server has an administrator.</summary>
    public static string[] AdministratorSettings
        => [$"Admin:Email={Administrator}", $"Admin:Password={Password}"];

    /// <summary>Registers somebody.</summary>
    /// <returns>The e-mail address, with which they log in.</returns>
    public async Task<string> RegisterAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var body = new { email, password = Password, name = "Ada Lovelace" };
        await PostAsync("/auth/register", body, HttpStatusCode.Created);
        return email;
    }

    /// <summary>Registers many, one after the other: more at once would be turned away.</summary>
    public async Task<string[]> RegisterAsync(int count)
    {
        var emails = new string[count];
        for (var i = 0; i < count; i++)
            emails[i] = await RegisterAsync();
        return emails;
    }

    /// <summary>Logs in.</summary>
    public async Task<(string Access, string Refresh)> LogInAsync(string email)
    {
        var pair = await PostAsync("/auth/login", new { email, password = Password }, HttpStatusCode.OK);
        return (pair.GetProperty("accessToken").GetString()!, pair.GetProperty("refreshToken").GetString()!);
    }

    /// <summary>Tries to log in, maybe with a wrong password.</summary>
    public async Task<HttpResponseMessage> TryLogInAsync(string email, bool right)
    {
        var body = new { email, password = right ? Password : WrongPassword };
        var response = await client.PostAsJsonAsync($"{Root}/auth/login", body, stop);
        await response.Content.LoadIntoBufferAsync(stop);
        return response;
    }

    /// <summary>An answer's data.</summary>
    /// <exception cref="BenchmarkException">The answer has another status than 200.</exception>
    public async Task<JsonElement> GetAsync(string path, string? token = null)
        => (await GetListAsync(path, token)).Data;

    /// <summary>An answer's data and what it says about itself.</summary>
    /// <exception cref="BenchmarkException">The answer has another status than 200.</exception>
    public async Task<(JsonElement Data, JsonElement Meta)> GetListAsync(string path, string? token = null)
    {
        var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, Root + path), token, HttpStatusCode.OK);
        return (answer.GetProperty("data"), answer.GetProperty("meta"));
    }

    /// <summary>An answer's data.</summary>
    /// <exception cref="BenchmarkException">The answer has another status than <paramref name="expected"/>.</exception>
    public async Task<JsonElement> PostAsync(string path, object body, HttpStatusCode expected, string? token = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Root + path) { Content = JsonContent.Create(body) };
        // Where it is not asked for it does no harm.
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        return (await SendAsync(request, token, expected)).GetProperty("data");
    }

    async Task<JsonElement> SendAsync(HttpRequestMessage request, string? token, HttpStatusCode expected)
    {
        using (request)
        {
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, stop);
            var text = await response.Content.ReadAsStringAsync(stop);
            if (response.StatusCode != expected)
            {
                throw new BenchmarkException(
                    $"{request.Method} {request.RequestUri} was answered {(int)response.StatusCode}: {text}");
            }

            return JsonDocument.Parse(text).RootElement;
        }
    }
}
