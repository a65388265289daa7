using System.Text.Json;

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
        await DatabaseTool.ExecuteAsync(Path.Combine(folder, "sliceapi.db"), $$"""
            INSERT INTO Outbox (Entity, Name, Payload, CreatedAt, Attempts, NextTryAt)
            VALUES (x'{{lost:N}}', 'user.created', '{"UserId":"{{lost}}"}', 0, 0, 0)
            """);

        await using (var again = await ServerProcess.StartAsync(folder))
        {
            await Wait.UntilAsync(
                () => Task.FromResult(again.Output.Contains($"Welcome, user {lost}", StringComparison.Ordinal)),
                "the log says welcome");
        }

        TestFolder.Delete(folder);
    }
}
