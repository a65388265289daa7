using System.Net.Sockets;

namespace Tests.Infrastructure.Hosting;

/// <summary>A limit of open files that is lower than the number of those who connect.</summary>
[Trait("Category", "Fault")]
public sealed class OpenFilesTests : IDisposable
{
    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Files_that_may_be_open_are_not_used_up_by_connections()
    {
        await using var server = await ServerProcess.StartByAsync(
            [Programs.Require("prlimit"), "--nofile=640"], _folder);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/live", Ct)).StatusCode);
        var others = new List<TcpClient>();
        for (var i = 0; i < 2000; i++)
            others.Add(await ConnectAsync(server));
        // Those beyond the limit are closed as fast as the server comes to it.
        await Wait.UntilAsync(() => Task.FromResult(others.Count(IsOpen) <= 128), "connections are closed again");
        // Whoever was there before is served, also with what needs a file or a thread.
        await RegisterAsync(server, "before@example.com");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/v1/products", Ct)).StatusCode);

        others.ForEach(client => client.Dispose());
        await Wait.UntilAsync(() => IsServedAsync(server), "there is room again");
        await RegisterAsync(server, "after@example.com");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/ready", Ct)).StatusCode);
    }

    [Fact]
    public async Task A_limit_of_open_files_that_is_too_low_is_named_at_the_start()
    {
        var (code, output) = await ServerProcess.RunToEndByAsync(
            [Programs.Require("prlimit"), "--nofile=256"], _folder);
        Assert.Equal(1, code);
        Assert.Contains("limit of open files is 256", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    static bool IsOpen(TcpClient client)
        => !client.Client.Poll(0, SelectMode.SelectError)
            && !(client.Client.Poll(0, SelectMode.SelectRead) && client.Available == 0);

    static async Task<bool> IsServedAsync(ServerProcess server)
    {
        using var client = await ConnectAsync(server);
        try
        {
            await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Ct);
            return await client.GetStream().ReadAsync(new byte[1], Ct) == 1;
        }
        catch (IOException)
        {
            // Closed again at once.
            return false;
        }
    }

    static Task RegisterAsync(ServerProcess server, string email)
        => Requests.SendAsync(
            server.Client,
            HttpMethod.Post,
            "/api/v1/auth/register",
            Requests.Json($$"""{"email":"{{email}}","password":"a fine password","name":"Ada"}"""))
            .DataAsync(HttpStatusCode.Created);

    static async Task<TcpClient> ConnectAsync(ServerProcess server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, Ct);
        return client;
    }
}
