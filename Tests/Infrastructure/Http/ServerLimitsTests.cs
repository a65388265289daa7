using System.Net.Sockets;
using System.Text;

namespace Tests.Infrastructure.Http;

/// <summary>What the real server refuses by size or form, before or while a request is read.</summary>
public sealed class ServerLimitsTests(SharedServer server) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData(2 * 1024 * 1024, false)]
    [InlineData((1024 * 1024) + 1, false)]
    [InlineData((1024 * 1024) + 1, true)]
    public async Task A_body_over_1_mb_is_413(int size, bool chunked)
    {
        var json = "{\"email\":\"" + new string('a', size - 12) + "\"}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login")
        {
            Content = Requests.Json(json),
            Headers = { TransferEncodingChunked = chunked },
        };
        var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
    }

    [Fact]
    public async Task A_body_of_1_mb_is_read()
    {
        var json = "{\"email\":\"" + new string('a', (1024 * 1024) - 12) + "\"}";
        Assert.Equal(
            ["email", "password"],
            await Requests.SendAsync(server.Client, HttpMethod.Post, "/api/v1/auth/login", Requests.Json(json))
                .RefusedFieldsAsync());
    }

    [Fact]
    public async Task What_is_too_large_is_taken_to_its_end_so_that_whoever_sends_it_hears_the_answer()
    {
        const int size = 1_900_000;
        var large = $"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {size}\r\n\r\n{new string('a', size)}";
        var answers = await RawAsync(large + "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413 ", answers, StringComparison.Ordinal);
        Assert.Contains("PAYLOAD_TOO_LARGE", answers, StringComparison.Ordinal);
        // The next request on the same connection.
        Assert.Contains("HTTP/1.1 200 ", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_announced_too_large_is_refused_before_it_arrives()
    {
        var answer = await RawAsync(
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + "Content-Length: 31000000\r\n\r\n{\"a\":");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("PAYLOAD_TOO_LARGE", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FFFFFFFF")]
    [InlineData("FFFFFFFFFFFFFFFF")]
    public async Task A_chunk_longer_than_a_number_can_say_is_refused_before_it_arrives(string size)
    {
        var answer = await RawAsync(
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + $"Transfer-Encoding: chunked\r\n\r\n{size}\r\n");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("PAYLOAD_TOO_LARGE", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("400", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("400", "GET / HTTP/1.1\r\n\r\n")]
    [InlineData("400", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("400", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n")]
    [InlineData("400", "nonsense\r\n\r\n")]
    public async Task What_is_no_request_has_no_body_in_its_answer(string status, string request)
    {
        var answer = await RawAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_long_a_line_and_too_many_headers_have_no_body_in_their_answers()
    {
        var answer = await RawAsync($"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414 ", answer, StringComparison.Ordinal);
        answer = await RawAsync($"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('a', 33_000)}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        var headers = string.Concat(Enumerable.Range(0, 101).Select(i => $"X{i}: a\r\n"));
        answer = await RawAsync($"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_tokens_in_two_headers_are_no_token()
    {
        var answer = await RawAsync(
            "GET /api/v1/users/me HTTP/1.1\r\nHost: a\r\n"
            + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Contains("INVALID_TOKEN", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_say_what_it_is_made_of()
    {
        var answer = await RawAsync("GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("X-Powered-By:", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_head_has_no_body()
    {
        var answer = await RawAsync("HEAD /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    async Task<string> RawAsync(string request)
    {
        var ct = TestContext.Current.CancellationToken;
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, ct);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), ct);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync(ct).WaitAsync(TimeSpan.FromSeconds(20), ct);
        }
        catch (IOException)
        {
            // The server closed while parts of the request were on their way: the answer may be lost with them.
            throw new Xunit.Sdk.XunitException("The connection was reset before the answer was read.");
        }
    }
}
