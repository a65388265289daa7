using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tests.Features.Welcome;

public sealed class OnUserCreatedTests
{
    [Fact]
    public async Task Welcomes_also_whoever_registered_just_before_the_server_was_killed()
    {
        var folder = TestFolder.New();
        var body = Requests.Json(
            JsonSerializer.Serialize(new { email = "ada@example.com", password = "a fine password", name = "Ada" }));
        await using (var server = await ServerProcess.StartAsync(folder))
        {
            await Requests.SendAsync(server.Client, HttpMethod.Post, "/api/v1/auth/register", body)
                .DataAsync(HttpStatusCode.Created);
            await server.KillAsync();
        }

        // As it is on disk when the kill comes between the commit and the delivery.
        var lost = Guid.CreateVersion7();
        await using (var connection = new SqliteConnection(
            $"Data Source={Path.Combine(folder, "sliceapi.db")};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = """
                INSERT INTO Outbox (Entity, Name, Payload, CreatedAt, Attempts, NextTryAt)
                VALUES ($id, 'user.created', $payload, 0, 0, 0)
                """;
            command.Parameters.AddWithValue("$id", lost.ToByteArray(bigEndian: true));
            command.Parameters.AddWithValue("$payload", $$"""{"UserId":"{{lost}}"}""");
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using (var again = await ServerProcess.StartAsync(folder))
        {
            await Wait.UntilAsync(
                () => Task.FromResult(again.Output.Contains($"Welcome, user {lost}", StringComparison.Ordinal)),
                "the log says welcome");
        }

        TestFolder.Delete(folder);
    }
}
