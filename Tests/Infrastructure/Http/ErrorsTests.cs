using System.Text.Json;
using SliceApi.Infrastructure.Http;

namespace Tests.Infrastructure.Http;

/// <summary>What a client learns when the fault is the server's.</summary>
public sealed class ErrorsTests : IDisposable
{
    readonly string _folder = TestFolder.New();

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task A_fault_is_a_500_without_a_word_of_it_and_stands_in_the_log_under_the_request_id()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        await DatabaseTool.ExecuteAsync(
            Path.Combine(_folder, "sliceapi.db"), "DROP TABLE Sessions; DROP TABLE Users");

        var login = await Requests.SendAsync(
            server.Client,
            HttpMethod.Post,
            "/api/v1/auth/login",
            Requests.Json(JsonSerializer.Serialize(new { email = "a@example.com", password = "a fine password" })),
            ("X-Request-Id", "the-failing-request"));
        await login.ErrorAsync(HttpStatusCode.InternalServerError, "INTERNAL_ERROR");
        var body = await login.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (var word in new[] { "SQLite", "Users", "table", "Exception", _folder, "   at " })
            Assert.DoesNotContain(word, body, StringComparison.OrdinalIgnoreCase);

        var ready = await Requests.SendAsync(server.Client, HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var text = await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Users", text, StringComparison.Ordinal);
        var live = await Requests.SendAsync(server.Client, HttpMethod.Get, "/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        var line = server.Output.Split('\n').First(l => l.Contains("no such table", StringComparison.Ordinal));
        Assert.Contains("the-failing-request", line, StringComparison.Ordinal);
        Assert.DoesNotContain("a fine password", server.Output, StringComparison.Ordinal);
    }
    [Fact]
    public void Whoever_is_turned_away_together_is_not_asked_back_together()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => new OverloadedException().RetryAfter).Distinct().ToList();
        Assert.Equal(
            Enumerable.Range(1, OverloadedException.MaxRetrySeconds).Select(s => (TimeSpan?)TimeSpan.FromSeconds(s)),
            waits.Order());
    }
}
