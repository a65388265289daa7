using System.IO.Compression;
using System.Text;

namespace Tests.Infrastructure.Http;

/// <summary>Bodies that no slice should ever see, sent to a route that reads one.</summary>
public sealed class BodyTests(App app)
{
    const string Route = "/api/v1/auth/login";
    const string Fine = """{"email":"nobody@example.com","password":"a fine password"}""";

    [Theory]
    [InlineData("{")]
    [InlineData("text")]
    [InlineData("""{"email":"a@example.com",}""")]
    [InlineData("""{"email":"a@example.com"} {}""")]
    [InlineData("""{"email":"a@example.com"} trailing""")]
    [InlineData("""{"email":"a@example.com" /* comment */}""")]
    [InlineData("""{'email':'a@example.com'}""")]
    [InlineData("""{"email":01}""")]
    [InlineData("""{"email":+1}""")]
    [InlineData("""{"email":NaN}""")]
    [InlineData("""{"email":"a""")]
    [InlineData("\"\n\"")]
    public async Task Says_that_what_is_no_json_is_malformed(string body)
        => await app.PostAsync(Route, body).ErrorAsync(HttpStatusCode.BadRequest, "MALFORMED_JSON");

    [Fact]
    public async Task Says_nothing_of_the_inside_about_json_that_it_refuses()
    {
        string[] bodies =
            ["{", """{"email":5}""", """{"x":5}""", "[]", """{"email":"a","email":"b"}""", """{"\ud800":1}"""];
        foreach (var body in bodies)
        {
            var response = await app.PostAsync(Route, body);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            foreach (var word in new[] { "System", "SliceApi", "Request", "Exception", "Path: $", ".NET" })
                Assert.DoesNotContain(word, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"device":"x","unknown":1}""", "unknown", "There is no such member.")]
    [InlineData("""{"device":"x","device":"y"}""", "device", "This member is given more than once.")]
    [InlineData(
        """{"device":1}""", "device", "This value is of the wrong type, or not a value that the type can hold.")]
    [InlineData("""{"__proto__":{}}""", "__proto__", "There is no such member.")]
    [InlineData("""{"$type":"System.IO.FileInfo"}""", "$type", "There is no such member.")]
    public async Task Says_what_is_wrong_with_a_member(string body, string field, string reason)
    {
        var error = await app.PostAsync(Route, body).ErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        var details = Assert.Single(error.GetProperty("details").EnumerateObject());
        Assert.Equal(field, details.Name);
        Assert.Equal(reason, Assert.Single(details.Value.EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Cuts_the_name_of_an_unknown_member_short()
    {
        var fields = await app.PostAsync(Route, $$"""{"{{new string('n', 500_000)}}":1}""").RefusedFieldsAsync();
        Assert.Equal(100, Assert.Single(fields).Length);
    }

    [Theory]
    [InlineData(65)]
    [InlineData(200_000)]
    public async Task Bears_any_depth(int depth)
        => await app.PostAsync(Route, $$"""{"email":{{new string('[', depth)}}{{new string(']', depth)}}}""")
            .ErrorAsync(HttpStatusCode.BadRequest, "MALFORMED_JSON");

    [Fact]
    public async Task Refuses_what_is_no_utf_8()
    {
        byte[][] bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xed, 0xa0, 0xbd, 0xed, 0xb0, 0x80]];
        foreach (var bytes in bad)
        {
            byte[] body = [.. "{\"email\":\""u8, .. bytes, .. "\"}"u8];
            Assert.Equal(["email"], await SendAsync(body, "application/json").RefusedFieldsAsync());
        }
    }

    [Fact]
    public async Task Ignores_a_byte_order_mark()
        => await SendAsync([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(Fine)], "application/json")
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=latin1")]
    [InlineData("application/vnd.api+json")]
    [InlineData("application/jsonx")]
    [InlineData("nonsense")]
    public async Task Reads_nothing_but_json_in_utf_8(string? contentType)
        => await SendAsync(Encoding.UTF8.GetBytes(Fine), contentType)
            .ErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    public async Task Reads_json_however_its_type_is_written(string contentType)
        => await SendAsync(Encoding.UTF8.GetBytes(Fine), contentType)
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Never_unpacks_a_body(string coding)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Fine), TestContext.Current.CancellationToken);
        var content = Requests.Bytes(packed.ToArray(), "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        await app.SendAsync(HttpMethod.Post, Route, content)
            .ErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Fact]
    public async Task Answers_an_empty_body_with_all_that_is_missing()
    {
        Assert.Equal(["email", "password"], await app.SendAsync(HttpMethod.Post, Route).RefusedFieldsAsync());
        Assert.Equal(["email", "password"], await SendAsync([], null).RefusedFieldsAsync());
        Assert.Equal(["email", "password"], await SendAsync([], "application/json").RefusedFieldsAsync());
    }

    Task<HttpResponseMessage> SendAsync(byte[] body, string? contentType)
        => app.SendAsync(HttpMethod.Post, Route, Requests.Bytes(body, contentType));
}
