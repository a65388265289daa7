using System.Text.Json;
using System.Text.Json.Nodes;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>What operations of the document share: headers, parameters and the envelope around all answers.</summary>
static class Parts
{
    static readonly string[] OfAll = ["X-Request-Id", "RateLimit-Policy", "RateLimit"];

    /// <summary>Points to a shared part.</summary>
    public static JsonObject Ref(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };

    /// <summary>The headers of an answer: those that all have, and some more.</summary>
    public static JsonObject Headers(params IEnumerable<string> more)
        => new(OfAll.Concat(more)
            .Select(name => KeyValuePair.Create(name, (JsonNode?)Ref("headers", name))));

    /// <summary>All headers of answers.</summary>
    public static JsonObject AllHeaders() => new()
    {
        ["X-Request-Id"] = Header("Names the request in the log; equal to `meta.requestId`.", Examples.RequestId),
        ["RateLimit-Policy"] = Header(
            "What a client has in a window (draft-ietf-httpapi-ratelimit-headers-10).", "\"user\";q=300;w=10"),
        ["RateLimit"] = Header("What is left of it, and for how many seconds.", "\"user\";r=299;t=7"),
        ["Retry-After"] = Header("In how many seconds to come again.", 7),
        ["ETag"] = Header("The version, for `If-None-Match` and `If-Match`.", "\"1\""),
        ["Location"] = Header("Where what was made is found.", $"{HttpSetup.ApiRoot}/…"),
        ["WWW-Authenticate"] = Header("Always `Bearer`, and what is wrong with the token (RFC 6750, 3).", "Bearer"),
        ["Idempotent-Replayed"] = Header(
            "`true` when the effect had happened before and this is its answer again.", "true"),
    };

    /// <summary>A header of requests: <c>Idempotency-Key</c>.</summary>
    public static JsonObject Key(bool isRequired)
        => Parameter(
            "Idempotency-Key",
            "Of your own making, a new one for each thing that is to happen; the same again with the same request "
                + $"has its effect once. {IdempotencyKey.MinLength} to {IdempotencyKey.MaxLength} visible ASCII "
                + "characters, bare or in quotes.",
            "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
            isRequired,
            IdempotencyKey.MinLength);

    /// <summary>A header of requests: <c>If-Match</c>.</summary>
    public static JsonObject IfMatch()
        => Parameter("If-Match", "The `ETag` of the version that is to be changed, or `*`.", "\"1\"", isRequired: true);

    /// <summary>A header of requests: <c>If-None-Match</c>.</summary>
    public static JsonObject IfNoneMatch()
        => Parameter(
            "If-None-Match",
            "The `ETag` of the version that you have, such as `\"1\"`: 304 when it is still that one.");

    /// <summary>The schemas of all errors, and of <c>meta</c> with and without a place in a list.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Schemas()
    {
        var (toError, toMeta) = (Ref("schemas", "Error"), Ref("schemas", "Meta"));
        yield return new("ErrorEnvelope", Object("Why a request failed.", ("error", toError), ("meta", toMeta)));
        var error = Object(
            "Why a request failed.",
            ("code", new JsonObject
            {
                ["type"] = "string",
                ["description"] = "Branch on this. New codes may come.",
                ["enum"] = new JsonArray([.. ErrorBook.Codes]),
            }),
            ("message", Text("For a developer to read; may change.")),
            ("retryable", new JsonObject
            {
                ["type"] = "boolean",
                ["description"] = "Whether the same request may succeed later.",
            }));
        error["properties"]!["details"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Each field's path, and what is wrong with it.",
            ["additionalProperties"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
        };
        yield return new("Error", error);
        yield return new("Meta", Meta());
        yield return new("CursorMeta", Meta(("pagination", Object(
            "Where in a list an answer is.",
            ("limit", Number("How many rows an answer holds at most.")),
            ("nextCursor", new JsonObject
            {
                ["type"] = "string",
                ["nullable"] = true,
                ["description"] = "What to send as `cursor` for the rows after these; null when these are the last.",
            })))));
        yield return new("PageMeta", Meta(("pagination", Object(
            "Where in a list an answer is.",
            ("page", Number("From 1.")),
            ("pageSize", Number("How many rows a page holds.")),
            ("total", Number("How many rows there are.")),
            ("totalPages", Number("How many pages they fill."))))));
    }

    static JsonObject Meta(params (string Name, JsonObject Schema)[] more)
    {
        var timestamp = Text("When the answer was made.");
        timestamp["format"] = "date-time";
        return Object(
            "About an answer.",
            [
                ("requestId", Text("Names the request in the log; equal to the header X-Request-Id.")),
                ("timestamp", timestamp),
                .. more,
            ]);
    }

    static JsonObject Object(string description, params (string Name, JsonObject Schema)[] members) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["required"] = new JsonArray([.. members.Select(member => member.Name)]),
        ["properties"] = new JsonObject(
            members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Schema))),
    };

    static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    static JsonObject Number(string description)
        => new() { ["type"] = "integer", ["format"] = "int32", ["description"] = description };

    static JsonObject Header(string description, JsonNode example) => new()
    {
        ["description"] = description,
        ["schema"] = new JsonObject
        {
            ["type"] = example.GetValueKind() is JsonValueKind.Number ? "integer" : "string",
        },
        ["example"] = example,
    };

    static JsonObject Parameter(
        string name, string description, string? example = null, bool isRequired = false, int minLength = 1)
    {
        var parameter = new JsonObject
        {
            ["name"] = name,
            ["in"] = "header",
            ["description"] = description,
            ["required"] = isRequired,
            ["schema"] = new JsonObject { ["type"] = "string", ["minLength"] = minLength },
        };
        // The pages fill examples in: what may be left out would be sent by everybody who tries something.
        if (isRequired)
            parameter["example"] = example;
        return parameter;
    }
}
