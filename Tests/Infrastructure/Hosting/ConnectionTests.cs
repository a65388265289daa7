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

    [Fact]
    public async Task Headers_that_do_not_come_to_an_end_are_given_up()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        using var client = await ConnectAsync(server);
        await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Ct);
        using var answer = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 408 ", await answer.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    static async Task<TcpClient> ConnectAsync(ServerProcess server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, Ct);
        return client;
    }
}
