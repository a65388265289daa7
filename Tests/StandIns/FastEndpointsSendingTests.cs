using System.Net.Http.Headers;
using FastEndpoints;
using Microsoft.AspNetCore.Http;

namespace Tests.StandIns;

public sealed class FastEndpointsSendingTests
{
    [Theory]
    [InlineData("ok", 200, "application/json; charset=utf-8", """{"text":"ü<","number":5}""")]
    [InlineData("derived", 200, "application/json; charset=utf-8", """{"more":true,"text":"x","number":1}""")]
    [InlineData("own", 201, "application/json; charset=utf-8", """{"wrapped":"x"}""")]
    [InlineData("empty", 200, null, "")]
    [InlineData("nothing", 204, null, "")]
    [InlineData("result", 410, "application/json; charset=utf-8", "\"gone\"")]
    [InlineData("stream", 200, "text/csv", "a;b")]
    [InlineData("errors", 409, "application/problem+json; charset=utf-8",
        """{"statusCode":409,"message":"One or more errors occurred!","errors":{"generalErrors":["wrong"]}}""")]
    public async Task Sends(string what, int status, string? contentType, string body)
    {
        await using var host = await SmallHost.StartAsync([typeof(Sender)]);
        var ct = TestContext.Current.CancellationToken;

        using var response = await host.Client.GetAsync($"/send/{what}", HttpCompletionOption.ResponseHeadersRead, ct);

        var declared = response.Content.Headers.ContentLength;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal(body, System.Text.RegularExpressions.Regex.Unescape(await response.Content.ReadAsStringAsync(ct)));
        var length = (await response.Content.ReadAsByteArrayAsync(ct)).Length;
        if (what is "ok" or "derived" or "own" or "errors") Assert.Equal(length, declared);
    }

    [Fact]
    public async Task Sends_a_part_of_a_stream()
    {
        await using var host = await SmallHost.StartAsync([typeof(Sender)]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/send/stream");
        request.Headers.Range = new RangeHeaderValue(2, 2);

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(206, (int)response.StatusCode);
        Assert.Equal("b", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nothing_is_sent_of_a_body_that_cannot_be_written()
    {
        await using var host = await SmallHost.StartAsync([typeof(Sender)]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.SendAsync("GET", "/send/broken"));
        Assert.Equal(200, (await host.SendAsync("GET", "/send/ok")).Status);
    }

    public record Answer(string Text, int Number);

    public sealed record Derived(bool More) : Answer("x", 1);

    public sealed class Broken(string? text)
    {
        public string Text => text ?? throw new InvalidOperationException("never");
    }

    public sealed class Sender : EndpointWithoutRequest<object>
    {
        public override void Configure()
        {
            Get("/send/{what}");
            AllowAnonymous();
        }

        public override async Task HandleAsync(CancellationToken ct)
        {
            AddError("wrong");
            await (Route<string>("what") switch
            {
                "ok" => Send.OkAsync(new Answer("ü<", 5), ct),
                "derived" => Send.OkAsync(new Derived(true), ct),
                "own" => Send.WrappedAsync("x", ct),
                "empty" => Send.OkAsync(ct),
                "nothing" => Send.NoContentAsync(ct),
                "result" => Send.ResultAsync(Results.Json("gone", statusCode: 410)),
                "stream" => Send.StreamAsync(
                    new MemoryStream("a;b"u8.ToArray()), null, 3, "text/csv", null, enableRangeProcessing: true, ct),
                "errors" => Send.ErrorsAsync(409, ct),
                _ => Send.OkAsync(new Broken(null), ct),
            });
        }
    }
}

static class WrappedSends
{
    /// <summary>As the application adds its own ways of sending.</summary>
    public static Task<FastEndpoints.Void> WrappedAsync(this IResponseSender sender, string text, CancellationToken ct)
        => sender.HttpContext.Response.SendAsync(new { wrapped = text }, 201, cancellation: ct);
}
