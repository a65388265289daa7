using System.Diagnostics;

namespace Tests.Infrastructure.Hosting;

/// <summary>A thousand clients at once that send or read a few bytes at a time, for as long as they are let.</summary>
[Trait("Category", "Fault")]
public sealed class SlowClientTests : IDisposable
{
    const int EachConnections = 250;

    // Headers; a body; ranges of an answer; an answer that is read slowly.
    static readonly string[] Kinds = ["-H", "-B", "-R", "-X"];

    static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task They_keep_nobody_else_waiting()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        var attacks = Task.WhenAll(Kinds.Select(kind => AttackAsync(kind, server.Client.BaseAddress!)));
        // Somebody else, meanwhile, by a connection of its own each time.
        using var pace = new PeriodicTimer(Between);
        var answered = 0;
        for (; !attacks.IsCompleted; answered++)
        {
            var answer = await Requests.SendAsync(
                server.Client, HttpMethod.Get, "/api/v1/products", null, ("Connection", "close"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await pace.WaitForNextTickAsync(Ct);
        }

        Assert.True(answered > 10);
        Assert.All(await attacks, report => Assert.Contains("slow HTTP test status", report, StringComparison.Ordinal));
    }

    static async Task<string> AttackAsync(string kind, Uri server)
    {
        // What is read slowly has to be long.
        var target = new Uri(server, kind == "-X" ? "/openapi/v1.json" : "/api/v1/auth/login");
        string[] arguments =
            [kind, "-c", $"{EachConnections}", "-r", "250", "-i", "2", "-l", "8", "-p", "3", "-u", target.ToString()];
        var start = new ProcessStartInfo(Programs.Require("slowhttptest"), arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return output;
    }
}
