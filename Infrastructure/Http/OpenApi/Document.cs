using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>
/// Completes a generated document: what each endpoint can answer and with which headers, examples, tags. Whoever
/// generated it, the result is the same but for the names of schemas.
/// </summary>
sealed partial class Document(JsonObject document, EndpointDataSource routes)
{
    static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly string[] Sections =
        ["openapi", "info", "servers", "tags", "paths", "components", "get", "post", "put", "patch", "delete"];

    readonly JsonObject _schemas = document["components"]!["schemas"]!.AsObject();

    public byte[] Complete()
    {
        var endpoints = routes.Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IEndpointNameMetadata>() is not null)
            .ToDictionary(route => route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName);
        foreach (var (name, schema) in Parts.Schemas())
            _schemas[name] = schema;
        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .Select(method => method.Value).OfType<JsonObject>()
            .ToList();
        var refusals = new JsonObject();
        foreach (var operation in operations)
        {
            var endpoint = endpoints[operation["operationId"]!.GetValue<string>()];
            new Operation(operation, endpoint, _schemas, refusals).Complete();
        }

        var server = new JsonObject { ["url"] = "/", ["description"] = "Where this document is." };
        document["servers"] = new JsonArray(server);
        document["tags"] = Tags(operations);
        var components = document["components"]!.AsObject();
        components["responses"] = refusals;
        components["headers"] = Parts.AllHeaders();
        components["examples"] = new JsonObject(ErrorBook.Codes.Select(
            code => KeyValuePair.Create(code, (JsonNode?)new JsonObject { ["value"] = ErrorBook.ExampleOf(code) })));
        RemoveUnused(components);
        return JsonSerializer.SerializeToUtf8Bytes(Sorted(document), Written);
    }

    static JsonArray Tags(IEnumerable<JsonObject> operations)
    {
        var features = typeof(Document).Assembly.GetCustomAttributes<FeatureAttribute>()
            .ToDictionary(feature => feature.Name, feature => feature.Description);
        return new JsonArray([.. operations
            .SelectMany(operation => operation["tags"]!.AsArray().Select(tag => tag!.GetValue<string>()))
            .Distinct().Order(StringComparer.Ordinal)
            .Select(tag => new JsonObject { ["name"] = tag, ["description"] = features.GetValueOrDefault(tag) })]);
    }

    // What nothing leads to any more, or never did.
    void RemoveUnused(JsonObject components)
    {
        for (var isDone = false; !isDone;)
        {
            var used = Reference().Matches(document.ToJsonString(Written))
                .Select(match => match.Groups[1].Value).ToHashSet();
            isDone = true;
            foreach (var kind in (string[])["schemas", "examples", "headers"])
            {
                var parts = components[kind]!.AsObject();
                var unused = parts.Select(part => part.Key).Where(name => !used.Contains($"{kind}/{name}"));
                foreach (var name in unused.ToList())
                    isDone = !parts.Remove(name) && isDone;
            }
        }
    }

    // In one order, so that a difference is a difference. Members of schemas and examples keep theirs.
    static JsonNode? Sorted(JsonNode? node, int depth = 0)
        => node is JsonObject members && depth <= 2
            ? new JsonObject(members
                .OrderBy(member => Array.IndexOf(Sections, member.Key) is >= 0 and var at ? at : Sections.Length)
                .ThenBy(member => member.Key, StringComparer.Ordinal)
                .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value, depth + 1))))
            : node?.DeepClone();

    [GeneratedRegex("\"\\$ref\":\"#/components/([^\"]+)\"")]
    private static partial Regex Reference();
}
