using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tests;

/// <summary>Requests as a careless or hostile client sends them, and what must be true of every answer.</summary>
static partial class Requests
{
    public static HttpContent Json(string json) => Bytes(Encoding.UTF8.GetBytes(json), "application/json");

    /// <summary>Any bytes under any content type; none at all when <paramref name="contentType"/> is null.</summary>
    public static HttpContent Bytes(byte[] body, string? contentType)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client,
        HttpMethod method,
        string path,
        HttpContent? content = null,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                content?.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The <c>data</c> of a success, after checking the envelope around it.</summary>
    public static async Task<JsonElement> DataAsync(this HttpResponseMessage response, HttpStatusCode status)
        => (await EnvelopeAsync(response, status)).GetProperty("data");

    /// <summary>The <c>error</c> of a failure, after checking its code and the envelope around it.</summary>
    public static async Task<JsonElement> ErrorAsync(
        this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var error = (await EnvelopeAsync(response, status)).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.Equal((int)status >= 500 || (int)status == 429, error.GetProperty("retryable").GetBoolean());
        Assert.Subset(new HashSet<string> { "code", "message", "details", "retryable" }, Names(error));
        if (status == HttpStatusCode.Unauthorized)
            Assert.StartsWith("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        return error;
    }

    /// <summary>The fields that a refused request's <c>details</c> name.</summary>
    public static async Task<IReadOnlyList<string>> RefusedFieldsAsync(this HttpResponseMessage response)
    {
        var error = await response.ErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        return [.. error.GetProperty("details").EnumerateObject().Select(field => field.Name).Order()];
    }

    /// <inheritdoc cref="DataAsync(HttpResponseMessage, HttpStatusCode)"/>
    public static async Task<JsonElement> DataAsync(this Task<HttpResponseMessage> response, HttpStatusCode status)
        => await (await response).DataAsync(status);

    /// <inheritdoc cref="ErrorAsync(HttpResponseMessage, HttpStatusCode, string)"/>
    public static async Task<JsonElement> ErrorAsync(
        this Task<HttpResponseMessage> response, HttpStatusCode status, string code)
        => await (await response).ErrorAsync(status, code);

    /// <inheritdoc cref="RefusedFieldsAsync(HttpResponseMessage)"/>
    public static async Task<IReadOnlyList<string>> RefusedFieldsAsync(this Task<HttpResponseMessage> response)
        => await (await response).RefusedFieldsAsync();

    /// <summary>All of an answer, but for what names the very request.</summary>
    public static async Task<string> BlankedAsync(this Task<HttpResponseMessage> sent)
    {
        var response = await sent;
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "X-Request-ID"))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return string.Join('\n', [$"{(int)response.StatusCode}", .. headers, Naming().Replace(body, "")]);
    }

    [GeneratedRegex("\"(requestId|timestamp)\":\"[^\"]*\"")]
    private static partial Regex Naming();

    static async Task<JsonElement> EnvelopeAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"Expected {(int)status}, got {(int)response.StatusCode}: {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var body = JsonDocument.Parse(text).RootElement;
        Assert.Equal((int)status < 400 ? ["data", "meta"] : ["error", "meta"], Names(body).Order());
        var meta = body.GetProperty("meta");
        Assert.Equal(
            Assert.Single(response.Headers.GetValues("X-Request-Id")), meta.GetProperty("requestId").GetString());
        Assert.True(DateTimeOffset.TryParseExact(
            meta.GetProperty("timestamp").GetString(),
            "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out _));
        return body;
    }

    static HashSet<string> Names(JsonElement element) => [.. element.EnumerateObject().Select(member => member.Name)];
}
