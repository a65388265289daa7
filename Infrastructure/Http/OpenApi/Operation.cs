using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastEndpoints;
using Microsoft.AspNetCore.Authorization;

namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>Completes one operation of the document with what is known of its endpoint.</summary>
sealed partial class Operation(JsonObject operation, RouteEndpoint endpoint, JsonObject schemas, JsonObject refusals)
{
    static readonly string[] OfTokens =
        [ErrorCodes.Unauthorized, ErrorCodes.InvalidToken, ErrorCodes.TokenExpired, ErrorCodes.SessionEnded];

    readonly EndpointDefinition _definition = endpoint.Metadata.GetRequiredMetadata<EndpointDefinition>();
    readonly HashSet<Declared> _declared = [.. endpoint.Metadata.OfType<Declared>()];
    readonly bool _isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    public void Complete()
    {
        // "OrdersPlace" of the tag "Orders" is to place.
        var id = operation["operationId"]!.GetValue<string>();
        var tag = operation["tags"]![0]!.GetValue<string>();
        operation["description"] ??= operation["summary"]?.DeepClone();
        var name = id.StartsWith(tag, StringComparison.Ordinal) ? id[tag.Length..] : id;
        operation["summary"] = Words().Replace(name, Spaced);
        // None is said expressly: it is on purpose.
        if (_isOpen)
            operation["security"] = new JsonArray();
        CompleteParameters();
        CompleteBody();
        CompleteAnswers();
    }

    bool Has(Declared declared) => _declared.Contains(declared);

    void CompleteParameters()
    {
        var parameters = (operation["parameters"] ??= new JsonArray()).AsArray();
        var defaults = _definition.ReqDtoType.GetConstructors().SelectMany(c => c.GetParameters())
            .Where(member => member is { HasDefaultValue: true, DefaultValue: not null })
            .ToDictionary(
                member => JsonNamingPolicy.CamelCase.ConvertName(member.Name!), member => member.DefaultValue);
        foreach (var parameter in parameters.OfType<JsonObject>())
        {
            if (defaults.TryGetValue(parameter["name"]!.GetValue<string>(), out var value))
                parameter["schema"]!["default"] = JsonSerializer.SerializeToNode(value, Json.Options);
        }

        if (Has(Declared.TakesKey))
            parameters.Add((JsonNode)Parts.Key(isRequired: Has(Declared.RequiresKey)));
        if (Has(Declared.RequiresIfMatch))
            parameters.Add((JsonNode)Parts.IfMatch());
        if (Has(Declared.Versioned))
            parameters.Add((JsonNode)Parts.IfNoneMatch());
        if (parameters.Count == 0)
            operation.Remove("parameters");
    }

    void CompleteBody()
    {
        if (operation["requestBody"]?["content"]?["application/json"] is not JsonObject content)
            return;
        var schema = Examples.Resolve(content["schema"]!, schemas);
        // The generator sees only that they have a converter.
        var optional = _definition.ReqDtoType.GetProperties().Where(member => member.PropertyType.IsGenericType
            && member.PropertyType.GetGenericTypeDefinition() == typeof(Optional<>));
        foreach (var member in optional)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            if (schema["properties"]?[name] is JsonObject { Count: 0 })
                schema["properties"]![name] = SchemaOf(member.PropertyType.GetGenericArguments()[0]);
        }

        content["example"] = Examples.Of(schema, schemas);
    }

    // Of what bodies are made of; anything else is left open.
    internal static JsonObject SchemaOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? Plain("string")
            : type == typeof(bool) ? Plain("boolean")
            : type == typeof(int) ? Plain("integer", "int32")
            : type == typeof(long) ? Plain("integer", "int64")
            : type == typeof(decimal) || type == typeof(double) ? Plain("number", "double")
            : type == typeof(Guid) ? Plain("string", "uuid")
            : type == typeof(DateTimeOffset) ? Plain("string", "date-time")
            : type == typeof(DateOnly) ? Plain("string", "date")
            : type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) && type.GetGenericArguments() is [var item]
                ? new JsonObject { ["type"] = "array", ["items"] = SchemaOf(item) }
            : [];

        static JsonObject Plain(string type, string? format = null)
            => format is null ? new() { ["type"] = type } : new() { ["type"] = type, ["format"] = format };
    }

    void CompleteAnswers()
    {
        var generated = operation["responses"]!.AsObject();
        var answers = new JsonObject();
        foreach (var (status, answer) in generated.Where(answer => answer.Key[0] == '2').ToList())
        {
            generated.Remove(status);
            CompleteSuccess(answers, Has(Declared.Creates) ? "201" : status, answer!.AsObject());
        }

        if (Has(Declared.Versioned))
        {
            answers["304"] = new JsonObject
            {
                ["description"] = "It is still the version in `If-None-Match`.",
                ["headers"] = Parts.Headers("ETag"),
            };
        }

        foreach (var codes in ErrorBook.ByStatus(Codes(needsRole: generated.ContainsKey("403"))))
        {
            // Named by its codes, so that an operation shows them at a glance.
            var name = string.Join('.', codes);
            if (!refusals.ContainsKey(name))
                refusals[name] = ErrorBook.AnswerOf(codes.Key, codes);
            answers[codes.Key.ToString(CultureInfo.InvariantCulture)] = Parts.Ref("responses", name);
        }

        operation["responses"] = answers;
    }

    void CompleteSuccess(JsonObject answers, string status, JsonObject answer)
    {
        answer["description"] = status switch
        {
            "201" => "It is made; `Location` says where it is found.",
            "204" => "It is done, and there is nothing to say.",
            _ => "What was asked for.",
        };
        answer["headers"] = Parts.Headers([
            .. status == "201" ? ["Location"] : (string[])[],
            .. status == "200" && (Has(Declared.Versioned) || Has(Declared.RequiresIfMatch)) ? ["ETag"] : (string[])[],
            .. Has(Declared.TakesKey) ? ["Idempotent-Replayed"] : (string[])[],
        ]);
        answers[status] = answer;
        if (answer["content"]?["application/json"] is not JsonObject content)
            return;
        var envelope = Examples.Resolve(content["schema"]!, schemas).AsObject();
        envelope["description"] = "What was asked for, and about the answer.";
        envelope["required"] = new JsonArray("data", "meta");
        envelope["properties"]!.AsObject().Remove("error");
        var meta = Takes("cursor") ? "CursorMeta" : Takes("page") ? "PageMeta" : "Meta";
        envelope["properties"]!["meta"] = Parts.Ref("schemas", meta);
        OpenUp(envelope);
        content["example"] = Examples.Of(envelope, schemas);
    }

    // Answers may grow: a client must not mind members that it does not know.
    void OpenUp(JsonNode schema)
    {
        schema = Examples.Resolve(schema, schemas);
        if (schema["additionalProperties"]?.GetValueKind() == JsonValueKind.False)
            schema.AsObject().Remove("additionalProperties");
        foreach (var member in schema["properties"]?.AsObject().Select(member => member.Value!) ?? [])
            OpenUp(member);
        if (schema["items"] is { } item)
            OpenUp(item);
    }

    HashSet<string> Codes(bool needsRole)
    {
        var takesBody = _definition.Verbs.Any(verb => verb is "POST" or "PUT" or "PATCH");
        return
        [
            ErrorCodes.ValidationError, ErrorCodes.RateLimited, ErrorCodes.InternalError, ErrorCodes.Overloaded,
            .. _isOpen ? [] : OfTokens,
            .. Only(needsRole, ErrorCodes.Forbidden),
            .. Only(endpoint.RoutePattern.Parameters.Count > 0, ErrorCodes.NotFound),
            .. Only(takesBody, ErrorCodes.PayloadTooLarge, ErrorCodes.UnsupportedMediaType),
            .. Only(operation.ContainsKey("requestBody"), ErrorCodes.MalformedJson),
            .. Only(Takes("cursor"), ErrorCodes.InvalidCursor),
            .. Only(Has(Declared.TakesKey), ErrorCodes.IdempotencyKeyInUse, ErrorCodes.IdempotencyKeyReused),
            .. Only(Has(Declared.RequiresKey), ErrorCodes.IdempotencyKeyRequired),
            .. Only(Has(Declared.RequiresIfMatch), ErrorCodes.PreconditionRequired, ErrorCodes.PreconditionFailed),
            .. endpoint.Metadata.GetOrderedMetadata<Refusals>().SelectMany(refusals => refusals.Codes),
        ];
    }

    static string[] Only(bool applies, params string[] codes) => applies ? codes : [];

    bool Takes(string parameter)
        => operation["parameters"]?.AsArray().Any(p => p!["name"]?.GetValue<string>() == parameter) == true;

    static string Spaced(Match word) => word.Index == 0 ? word.Value : $" {word.Value.ToLowerInvariant()}";

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Words();
}
