using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tests.Infrastructure.Persistence;

/// <summary>Another process that keeps the database locked for writing, as its clients see it.</summary>
[Trait("Category", "Fault")]
public sealed class LockTests : IDisposable
{
    const string Me = "/api/v1/users/me";

    readonly string _folder = TestFolder.New();

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Readers_notice_nothing_and_writers_are_asked_to_come_again()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        string? token = null;
        await RegisterAsync("ada@example.com").DataAsync(HttpStatusCode.Created);
        var ada = new { email = "ada@example.com", password = "a fine password" };
        var login = await SendAsync(HttpMethod.Post, "/api/v1/auth/login", ada).DataAsync(HttpStatusCode.OK);
        token = login.GetProperty("accessToken").GetString();

        await using (var other = new SqliteConnection(
            $"Data Source={Path.Combine(_folder, "sliceapi.db")};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var held = other.BeginTransaction(deferred: false);
            var writes = new[]
            {
                RegisterAsync("bob@example.com"),
                SendAsync(HttpMethod.Patch, Me, new { name = "Grace" }),
            };
            for (var i = 0; i < 200; i++)
            {
                // From the cache and, sessions are never in it, from the file.
                await SendAsync(HttpMethod.Get, Me).DataAsync(HttpStatusCode.OK);
                await SendAsync(HttpMethod.Get, "/api/v1/auth/sessions").DataAsync(HttpStatusCode.OK);
            }

            foreach (var write in writes)
            {
                await write.ErrorAsync(HttpStatusCode.ServiceUnavailable, "OVERLOADED");
                Assert.True((await write).Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
            }

            await SendAsync(HttpMethod.Get, Me).DataAsync(HttpStatusCode.OK);
            var ready = await SendAsync(HttpMethod.Get, "/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        // What was refused was not done either: the address is free, the version the first.
        await RegisterAsync("bob@example.com").DataAsync(HttpStatusCode.Created);
        var me = await SendAsync(HttpMethod.Patch, Me, new { name = "Grace" }).DataAsync(HttpStatusCode.OK);
        Assert.Equal(2, me.GetProperty("version").GetInt64());
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/health/ready")).StatusCode);

        Task<HttpResponseMessage> RegisterAsync(string email)
            => SendAsync(
                HttpMethod.Post, "/api/v1/auth/register", new { email, password = "a fine password", name = "Ada" });

        Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
            => Requests.SendAsync(
                server.Client,
                method,
                path,
                body is null ? null : Requests.Json(JsonSerializer.Serialize(body)),
                ("Authorization", $"Bearer {token}"),
                ("If-Match", "\"1\""));
    }
}
