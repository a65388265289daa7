using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Tests.Infrastructure.Hosting;

/// <summary>Clients that hold connections and do nothing, or nothing for long.</summary>
[Trait("Category", "Fault")]
public sealed class ConnectionTests : IDisposable
{
    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Two_thousand_who_say_nothing_keep_nobody_else_waiting()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 2000; i++)
                idle.Add(await ConnectAsync(server));
            for (var i = 0; i < 100; i++)
                Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/v1/products", Ct)).StatusCode);
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task More_connections_than_the_limit_are_closed_and_those_before_go_on()
    {
        const int limit = 20;
        await using var server = await ServerProcess.StartAsync(_folder, $"Limits:Connections={limit}");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/live", Ct)).StatusCode);
        var others = new List<TcpClient>();
        for (var i = 0; i < limit - 1; i++)
            others.Add(await ConnectAsync(server));
        using (var tooMany = await ConnectAsync(server))
            Assert.Equal(0, await tooMany.GetStream().ReadAsync(new byte[1], Ct));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/live", Ct)).StatusCode);

        others.ForEach(client => client.Dispose());
        await Wait.UntilAsync(
            async () =>
            {
                using var client = await ConnectAsync(server);
                await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Ct);
                return await client.GetStream().ReadAsync(new byte[1], Ct) == 1;
            },
            "there is room again");
    }

    [Theory]
    // Headers, and bodies, a few bytes at a time.
    [InlineData("-H")]
    [InlineData("-B")]
    public async Task Slow_clients_keep_nobody_else_waiting(string kind)
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        var attack = AttackAsync(kind, new Uri(server.Client.BaseAddress!, "/api/v1/auth/login"));
        var answered = 0;
        while (!attack.IsCompleted)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/v1/products", Ct)).StatusCode);
            answered++;
        }

        Assert.True(answered > 10);
        Assert.Contains("slow HTTP test status", await attack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_do_not_come_to_an_end_are_given_up()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        using var client = await ConnectAsync(server);
        await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Ct);
        using var answer = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 408 ", await answer.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    static async Task<string> AttackAsync(string kind, Uri target)
    {
        string[] arguments = [kind, "-c", "500", "-r", "250", "-i", "2", "-l", "8", "-p", "3", "-u", target.ToString()];
        var start = new ProcessStartInfo(Programs.Require("slowhttptest"), arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return output;
    }

    static async Task<TcpClient> ConnectAsync(ServerProcess server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, Ct);
        return client;
    }
}
