using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tests;

/// <summary>The API's document, and what in an answer is not as it says.</summary>
sealed class ApiDocument
{
    static readonly string[] Headers =
        ["ETag", "Idempotent-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"];

    readonly List<(string Method, string Path, Regex Pattern, JsonElement Operation)> _operations;

    public ApiDocument(string json)
    {
        Root = JsonDocument.Parse(json).RootElement;
        // What is written out wins over what stands for anything.
        _operations = [.. Root.GetProperty("paths").EnumerateObject()
            .OrderBy(path => path.Name.Count(c => c == '{'))
            .SelectMany(path => path.Value.EnumerateObject()
                .Select(method => (method.Name.ToUpperInvariant(), path.Name, PatternOf(path.Name), method.Value)))];
    }

    public JsonElement Root { get; }

    public IEnumerable<(string Method, string Path, JsonElement Operation)> Operations
        => _operations.Select(o => (o.Method, o.Path, o.Operation));

    public static async Task<ApiDocument> ReadAsync(HttpClient client, Faults? faults = null)
    {
        using var response = await Requests.SendAsync(client, HttpMethod.Get, "/openapi/v1.json");
        faults?.Check(response);
        response.EnsureSuccessStatusCode();
        return new(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Fails when an answer of the API is not one that the document lists, or looks otherwise.</summary>
    /// <remarks>What is no operation, such as an unknown route or a wrong method, is not in a document.</remarks>
    public async Task CheckAsync(HttpMethod method, string path, HttpResponseMessage response)
    {
        var verb = method == HttpMethod.Head ? "GET" : method.Method;
        path = path.Split('?')[0];
        var operation = _operations.Find(o => o.Method == verb && o.Pattern.IsMatch(path)).Operation;
        if (operation.ValueKind == JsonValueKind.Undefined)
            return;
        var id = operation.GetProperty("operationId").GetString();
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        Assert.True(
            operation.GetProperty("responses").TryGetProperty(status, out var listed),
            $"{id} does not say in Configure() that it answers {status}: Description(d => d...)");
        listed = Resolve(listed);
        var named = listed.GetProperty("headers").EnumerateObject().Select(h => h.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var sent = response.Headers.Select(h => h.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unnamed = Headers.Where(header => sent.Contains(header) && !named.Contains(header));
        Assert.Empty(unnamed.Select(header => $"{id} {status}: {header}"));
        if (method == HttpMethod.Head || !listed.TryGetProperty("content", out var content))
            return;

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var body = JsonDocument.Parse(text).RootElement;
        content = content.GetProperty("application/json");
        if (body.TryGetProperty("error", out var error))
        {
            var code = error.GetProperty("code").GetString();
            Assert.True(
                content.GetProperty("examples").EnumerateObject().Any(example => example.Name == code),
                $"{id} does not say in Configure() that it answers {status} {code}: Description(d => d.Refuses(...))");
        }

        Assert.Empty(Differences(body, content.GetProperty("schema"), $"{id} {status}"));
    }

    /// <summary>The part that a reference stands for.</summary>
    public JsonElement Resolve(JsonElement part)
    {
        while (part.TryGetProperty("$ref", out var reference))
            part = reference.GetString()!.Split('/')[1..].Aggregate(Root, (at, name) => at.GetProperty(name));
        return part;
    }

    /// <summary>Where a value is not as its schema says; members that it does not name are differences, too.</summary>
    public IEnumerable<string> Differences(JsonElement value, JsonElement schema, string at)
    {
        schema = Resolve(schema);
        if (value.ValueKind == JsonValueKind.Null)
            return schema.TryGetProperty("nullable", out var may) && may.GetBoolean() ? [] : [$"{at} is null"];
        var format = schema.TryGetProperty("format", out var f) ? f.GetString() : null;
        var isRight = (schema.GetProperty("type").GetString(), value.ValueKind) switch
        {
            ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) => true,
            ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
            ("integer", JsonValueKind.Number) => value.TryGetInt64(out _),
            ("number", JsonValueKind.Number) => true,
            ("string", JsonValueKind.String) => (format is not "uuid" || value.TryGetGuid(out _))
                && (format is not "date-time" || value.TryGetDateTimeOffset(out _))
                && (!schema.TryGetProperty("enum", out var words)
                    || words.EnumerateArray().Any(word => word.GetString() == value.GetString())),
            _ => false,
        };
        if (!isRight)
            return [$"{at} is {value}"];
        return value.ValueKind switch
        {
            JsonValueKind.Object => OfObject(value, schema, at),
            JsonValueKind.Array => value.EnumerateArray()
                .SelectMany((item, i) => Differences(item, schema.GetProperty("items"), $"{at}[{i}]")),
            _ => [],
        };
    }

    IEnumerable<string> OfObject(JsonElement value, JsonElement schema, string at)
    {
        var known = schema.TryGetProperty("properties", out var properties);
        var others = schema.TryGetProperty("additionalProperties", out var any)
            && any.ValueKind == JsonValueKind.Object;
        var missing = schema.TryGetProperty("required", out var required)
            ? required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).ToList()
            : [];
        return missing.Select(name => $"{at}.{name} is missing").Concat(value.EnumerateObject().SelectMany(member =>
            known && properties.TryGetProperty(member.Name, out var own)
                ? Differences(member.Value, own, $"{at}.{member.Name}")
                : others ? Differences(member.Value, any, $"{at}.{member.Name}") : [$"{at}.{member.Name} is unknown"]));
    }

    static Regex PatternOf(string path)
        => new($"^{Regex.Replace(path, "{[^}]*}", "[^/]+")}$", RegexOptions.IgnoreCase);
}
