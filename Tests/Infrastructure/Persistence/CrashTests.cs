using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tests.Infrastructure.Persistence;

/// <summary>kill -9 in the middle of everything, and what must be there afterwards.</summary>
[Trait("Category", "Fault")]
public sealed class CrashTests : IDisposable
{
    const int Rounds = 3;
    const int Clients = 32;

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Whatever_was_acknowledged_is_there_and_whole_after_a_kill_under_load()
    {
        var acknowledged = new ConcurrentBag<Guid>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.StartAsync(_folder);
            var before = acknowledged.Count;
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var clients = Enumerable.Range(0, Clients)
                .Select(_ => RegisterAsync(server.Client, acknowledged, killed.Token)).ToList();
            await Wait.UntilAsync(() => Task.FromResult(acknowledged.Count >= before + 200), "200 more are registered");
            await server.KillAsync();
            await killed.CancelAsync();
            await Task.WhenAll(clients);
        }

        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            Assert.Equal("ok", await ScalarAsync("PRAGMA integrity_check"));
            Assert.Null(await ScalarAsync("PRAGMA foreign_key_check"));
            var stored = await UsersAsync();
            Assert.Empty(acknowledged.Except(stored));
            // And what followed from it: one audit entry for each account, once everything is delivered.
            await Wait.UntilAsync(
                async () => await ScalarAsync("SELECT count(*) FROM Outbox") is 0L, "every event is delivered");
            Assert.Equal((long)stored.Count, await ScalarAsync("SELECT count(*) FROM AuditEntries"));
            Assert.Equal((long)stored.Count, await ScalarAsync("SELECT count(DISTINCT Entity) FROM AuditEntries"));
        }
    }

    static async Task RegisterAsync(HttpClient client, ConcurrentBag<Guid> acknowledged, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var body = JsonSerializer.Serialize(
                new { email = $"{Guid.NewGuid():N}@example.com", password = "a fine password", name = "Ada" });
            try
            {
                using var response = await client.PostAsync("/api/v1/auth/register", Requests.Json(body), ct);
                // 503 is an honest answer under load; whatever else fails is the kill.
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                    continue;
                Assert.Equal(HttpStatusCode.Created, response.StatusCode);
                var text = await response.Content.ReadAsStringAsync(ct);
                acknowledged.Add(JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("id").GetGuid());
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task<HashSet<Guid>> UsersAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Id FROM Users";
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var users = new HashSet<Guid>();
        while (await reader.ReadAsync(Ct))
            users.Add(new Guid((byte[])reader[0], bigEndian: true));
        return users;
    }

    async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Ct);
    }

    async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder, "sliceapi.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        return connection;
    }
}
