namespace Tests.Infrastructure.Http;

/// <summary>Which address a request counts on, behind a proxy and without one.</summary>
public sealed class ClientAddressTests(LimitedServer server) : IClassFixture<LimitedServer>
{
    const string Path = "/api/v1/nothing";

    [Theory]
    [InlineData("203.0.113.1", "9.9.9.9, 203.0.113.1")]
    [InlineData("203.0.113.2", "garbage, 203.0.113.2")]
    [InlineData("203.0.113.3", "::ffff:203.0.113.3")]
    [InlineData("203.0.113.4", "203.0.113.4:5555")]
    [InlineData("2001:db8::1", "[2001:db8::2]:80")]
    public async Task A_known_proxy_is_believed_about_the_last_address_that_it_names(string address, string same)
    {
        await SpendAsync(address);
        await server.GetAsync(same, Path).RefusedAsync();
        await server.GetAsync($"{address}, 203.0.113.200", Path).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task A_hundred_addresses_before_the_last_change_nothing()
    {
        await SpendAsync("203.0.113.5");
        var many = string.Join(", ", Enumerable.Range(0, 100).Select(i => $"10.0.0.{i}"));
        await server.GetAsync($"{many}, 203.0.113.5", Path).RefusedAsync();
    }

    [Fact]
    public async Task What_is_no_address_counts_on_the_proxy()
    {
        await SpendAsync(null);
        foreach (var bad in new[] { "garbage", "203.0.113.6, garbage", "999.1.1.1", "unknown", "127.0.0.1" })
            await server.GetAsync(bad, Path).RefusedAsync();
        await server.GetAsync("203.0.113.6", Path).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Without_a_known_proxy_nobody_is_believed()
    {
        var folder = TestFolder.New();
        try
        {
            await using var direct = await ServerProcess.StartAsync(folder, LimitedServer.Settings);
            string[] headers = ["X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Forwarded"];
            for (var i = 0; i < LimitedServer.Limit; i++)
                Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(i)).StatusCode);
            for (var i = 0; i < headers.Length; i++)
                Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(100 + i)).StatusCode);

            Task<HttpResponseMessage> SendAsync(int i)
            {
                var name = headers[i % headers.Length];
                var value = name == "Forwarded" ? $"for=1.2.3.{i}" : $"1.2.3.{i}";
                return Requests.SendAsync(direct.Client, HttpMethod.Get, Path, null, (name, value));
            }
        }
        finally
        {
            TestFolder.Delete(folder);
        }
    }

    async Task SpendAsync(string? address)
    {
        for (var i = 0; i < LimitedServer.Limit; i++)
            await server.GetAsync(address, Path).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }
}
