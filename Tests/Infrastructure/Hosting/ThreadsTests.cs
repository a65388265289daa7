namespace Tests.Infrastructure.Hosting;

/// <summary>
/// A server whose pool has two threads: whoever blocked one while waiting for another would wait for ever.
/// </summary>
[Trait("Category", "Fault")]
public sealed class ThreadsTests : IDisposable
{
    const int Writes = 500;
    const int Threads = 2;

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Two_threads_answer_everybody()
    {
        // Hexadecimal.
        var few = new Dictionary<string, string>
        {
            ["DOTNET_ThreadPool_ForceMinWorkerThreads"] = $"{Threads:X}",
            ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = $"{Threads:X}",
        };
        await using var server = await ServerProcess.StartAsync(_folder, few, Bank.Settings);
        var token = await server.LogInAsync(Bank.AdminEmail, Bank.AdminPassword);
        var writes = Task.WhenAll(Enumerable.Range(0, Writes).Select(i => WriteAsync(server, token, i)));
        do
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/live", Ct)).StatusCode);
        while (!writes.IsCompleted);

        var answers = await writes;
        Assert.All(answers, status => Assert.Contains(
            status, new[] { HttpStatusCode.Created, HttpStatusCode.ServiceUnavailable }));
        Assert.Contains(HttpStatusCode.Created, answers);
    }

    // Users as well as accounts: the one takes a password's hash, the other a key that is kept.
    static async Task<HttpStatusCode> WriteAsync(ServerProcess server, string token, int i)
    {
        var response = i % 2 == 0
            ? await Requests.SendAsync(
                server.Client, HttpMethod.Post, "/api/v1/accounts", Requests.Json("""{"name":"A","currency":"EUR"}"""),
                ("Authorization", $"Bearer {token}"), ("Idempotency-Key", $"{Guid.NewGuid()}"))
            : await Requests.SendAsync(
                server.Client, HttpMethod.Post, "/api/v1/auth/register",
                Requests.Json($$"""{"email":"{{i}}@example.com","password":"a fine password","name":"A"}"""));
        return response.StatusCode;
    }
}
