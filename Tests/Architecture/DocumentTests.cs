using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using SliceApi.Infrastructure.Http;

namespace Tests.Architecture;

/// <summary>
/// What <c>/openapi/v1.json</c> says, against the lists beside this file and the API itself. That every answer is one
/// that the document lists, <see cref="App.SendAsync"/> sees to in all other tests.
/// </summary>
public sealed partial class DocumentTests(App app)
{
    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Architecture");

    [Fact]
    public async Task The_copy_beside_this_test_is_what_is_served()
    {
        var served = JsonSerializer.Serialize((await app.DocumentAsync()).Root, Indented) + "\n";
        var update = Path.Combine(Folder, "openapi.served.json");
        await File.WriteAllTextAsync(update, served, TestContext.Current.CancellationToken);
        var copy = await File.ReadAllTextAsync(
            Path.Combine(Folder, "openapi.json"), TestContext.Current.CancellationToken);
        Assert.True(
            copy == served,
            "The API's document has changed. If that is meant, and breaks no client: "
                + $"cp {update} Tests/Architecture/openapi.json");
    }

    [Fact]
    public async Task Every_route_is_in_it_and_wants_a_token_where_the_list_says_so()
    {
        var listed = File.ReadLines(Path.Combine(Folder, "access.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => $"{words[0]} {words[1]}", words => words[2]);
        var operations = (await app.DocumentAsync()).Operations.ToList();
        var described = operations.Select(o => $"{o.Method} {o.Path}").ToList();
        Offences.None("Not in Tests/Architecture/access.txt", described.Except(listed.Keys));
        Offences.None("Not described", listed.Keys.Except(described));
        Assert.All(operations, o =>
        {
            var who = listed[$"{o.Method} {o.Path}"];
            Assert.Equal(who == "anyone" ? 0 : 1, o.Operation.GetProperty("security").GetArrayLength());
            Assert.True(who != "admin" || o.Operation.GetProperty("responses").TryGetProperty("403", out _), o.Path);
        });
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_how_it_fails()
    {
        var document = await app.DocumentAsync();
        var tags = document.Root.GetProperty("tags").EnumerateArray()
            .ToDictionary(
                tag => tag.GetProperty("name").GetString()!, tag => tag.GetProperty("description").GetString());
        Offences.None(
            "No Feature.cs beside the slices says what this folder is about",
            tags.Where(tag => string.IsNullOrEmpty(tag.Value)).Select(tag => $"Features/{tag.Key}"));
        Offences.None(
            "No sentence in a <summary> above the Endpoint says what it does",
            document.Operations.Where(o => !o.Operation.TryGetProperty("description", out var text)
                    || !text.GetString()!.EndsWith('.'))
                .Select(o => $"{o.Method} {o.Path}"));
        Assert.All(document.Operations, o =>
        {
            Assert.True(tags.ContainsKey(o.Operation.GetProperty("tags")[0].GetString()!), o.Path);
            var statuses = o.Operation.GetProperty("responses").EnumerateObject().Select(r => r.Name).ToList();
            Assert.Superset(new HashSet<string> { "400", "429", "500", "503" }, statuses.ToHashSet());
            Assert.Single(statuses, status => status[0] == '2');
        });
    }

    [Fact]
    public async Task Every_example_is_as_its_schema_says_and_every_code_is_one_that_there_is()
    {
        var document = await app.DocumentAsync();
        var codes = typeof(ErrorCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToHashSet();
        var named = document.Root.GetProperty("components").GetProperty("schemas").GetProperty("Error")
            .GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray();
        Assert.Equal(codes.Order(), named.Select(code => code.GetString()).Order());
        var contents = document.Operations
            .SelectMany(o => o.Operation.GetProperty("responses").EnumerateObject()
                .Select(response => document.Resolve(response.Value))
                .Concat(o.Operation.TryGetProperty("requestBody", out var body) ? [body] : []))
            .Where(part => part.TryGetProperty("content", out _))
            .Select(part => part.GetProperty("content").GetProperty("application/json"))
            .ToList();
        Assert.NotEmpty(contents);
        Assert.All(contents, content =>
        {
            var examples = content.TryGetProperty("example", out var example)
                ? [example]
                : content.GetProperty("examples").EnumerateObject()
                    .Select(e => document.Resolve(e.Value).GetProperty("value"));
            Assert.All(examples, e => Assert.Empty(document.Differences(e, content.GetProperty("schema"), "example")));
        });
    }

    [Fact]
    public async Task The_examples_of_requests_are_accepted()
    {
        var product = await app.ProductAsync();
        foreach (var (method, path, operation) in (await app.DocumentAsync()).Operations)
        {
            // Each time somebody new: the call may end the session.
            var token = (await app.AdministratorAsync()).Token;
            var body = operation.TryGetProperty("requestBody", out var content)
                ? content.GetProperty("content").GetProperty("application/json").GetProperty("example").GetRawText()
                : null;
            var headers = !operation.TryGetProperty("parameters", out var parameters) ? [] : parameters.EnumerateArray()
                .Where(p => p.GetProperty("in").GetString() == "header" && p.GetProperty("required").GetBoolean())
                .Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("example").GetString()!));
            var response = await app.SendAsync(
                new HttpMethod(method),
                Id().Replace(path, Guid.CreateVersion7().ToString()),
                body is null ? null : Requests.Json(Real(body, product)),
                [("Authorization", $"Bearer {token}"), .. headers]);
            Assert.False(
                (int)response.StatusCode is 400 or 403 or 405 or 415 or 422 or 428 or >= 500,
                $"{method} {path}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
    }

    // An e-mail address that nobody has, and a product that there is.
    static string Real(string body, Guid product)
        => ProductId().Replace(body, product.ToString())
            .Replace("ada@", $"{Guid.NewGuid():N}@", StringComparison.Ordinal);

    [GeneratedRegex("(?<=\"productId\": ?\")[^\"]*")]
    private static partial Regex ProductId();

    [GeneratedRegex("{[^}]*}")]
    private static partial Regex Id();
}
