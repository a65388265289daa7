using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>Makes examples of what a schema describes: a member's name says what could stand there.</summary>
static class Examples
{
    public const string RequestId = "0HNH2J5Q1V7KD:00000001";

    const string Instant = "2026-01-01T12:00:00.000Z";
    const int MaxDepth = 8;

    static readonly string[] Beside = ["email", "sku"];

    static readonly Dictionary<string, JsonNode> Known = new()
    {
        ["email"] = "ada@example.com",
        ["password"] = "correct horse battery",
        ["currentPassword"] = "correct horse battery",
        ["newPassword"] = "a staple for the horse",
        ["name"] = "Household",
        ["name beside email"] = "Ada Lovelace",
        ["name beside sku"] = "Teapot",
        ["device"] = "Ada's telephone",
        ["accessToken"] = "an-access-token",
        ["refreshToken"] = "a-refresh-token",
        ["tokenType"] = "Bearer",
        ["expiresIn"] = 900,
        ["refreshExpiresIn"] = 604800,
        ["roles"] = new JsonArray("user"),
        ["currency"] = "EUR",
        ["sku"] = "TEA-POT-1",
        ["priceMinor"] = 1250,
        ["amountMinor"] = 1250,
        ["totalMinor"] = 2500,
        ["balanceMinor"] = 10000,
        ["balanceAfterMinor"] = 10000,
        ["stock"] = 12,
        ["quantity"] = 2,
        ["reference"] = "Rent, January",
        ["status"] = "pending",
        ["mismatches"] = new JsonArray(),
        ["limit"] = 20,
        ["pageSize"] = 20,
        ["requestId"] = RequestId,
    };

    /// <summary>The <c>meta</c> of an answer.</summary>
    public static JsonObject Meta() => new() { ["requestId"] = RequestId, ["timestamp"] = Instant };

    /// <summary>An example of what <paramref name="schema"/> describes.</summary>
    /// <param name="schema">The schema, or where it is.</param>
    /// <param name="schemas">All schemas that have a name.</param>
    /// <param name="name">The member that it is of; empty when it is of none.</param>
    public static JsonNode? Of(JsonNode schema, JsonObject schemas, string name = "") => Of(schema, schemas, name, 0);

    static JsonNode? Of(JsonNode schema, JsonObject schemas, string name, int depth)
    {
        if (depth > MaxDepth)
            return null;
        schema = Resolve(schema, schemas);
        if (schema["properties"] is JsonObject members)
        {
            return new JsonObject(members.Select(member => KeyValuePair.Create(
                member.Key, Of(member.Value!, schemas, NameIn(members, member.Key), depth + 1))));
        }

        if (Known.TryGetValue(name, out var known))
            return known.DeepClone();
        return (schema["type"]?.GetValue<string>(), schema["format"]?.GetValue<string>()) switch
        {
            ("array", _) => new JsonArray(Of(schema["items"]!, schemas, "", depth + 1)),
            ("object", _) => new JsonObject(),
            ("boolean", _) => true,
            ("integer" or "number", _) => schema["minimum"]?.DeepClone() ?? 1,
            (_, "uuid") => Id(name),
            (_, "date-time") => Instant,
            _ => schema["enum"]?[0]?.DeepClone() ?? "a text",
        };
    }

    // A member's name makes its id, so that the same thing has the same everywhere; version 7, as all ids are.
    static string Id(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return $"019b7996-1400-7{hash[..3]}-8{hash[3..6]}-{hash[6..18]}";
    }

    // Whose name it is shows in what is beside it.
    static string NameIn(JsonObject members, string name)
        => name == "name" && Beside.FirstOrDefault(members.ContainsKey) is { } beside ? $"name beside {beside}" : name;

    /// <summary>What a schema is, when it only says where it is.</summary>
    public static JsonNode Resolve(JsonNode schema, JsonObject schemas)
        => schema["$ref"]?.GetValue<string>() is { } path ? schemas[path[(path.LastIndexOf('/') + 1)..]]!
            : schema["allOf"]?[0] is { } first ? Resolve(first, schemas)
            : schema;
}
