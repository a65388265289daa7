using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation.Results;

namespace SliceApi.Infrastructure.Http;

/// <summary>How JSON is read and written, and what a client is told about JSON that is refused.</summary>
public static class Json
{
    // The field that a problem with the body as a whole is reported under.
    const string WholeBody = "body";
    const int MaxFieldPathLength = 100;

    /// <summary>For what is written as JSON beside the endpoints; the same as theirs.</summary>
    public static readonly JsonSerializerOptions Options = Made();

    /// <summary>
    /// Strict in what is accepted (RFC 8259 leaves duplicate names open; here they are refused, like unknown names,
    /// names in another case and numbers in quotes), camelCase, instants in UTC with milliseconds.
    /// </summary>
    /// <remarks>
    /// A missing or null member is left to the slice's validator, which reports all of them together; the reader would
    /// stop at the first.
    /// </remarks>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = 32;
        options.Converters.Add(new UtcInstants());
    }

    /// <summary>
    /// Turns what the JSON reader refuses into a validation failure: of the field when the JSON is well-formed, of the
    /// body (<see cref="ErrorCodes.MalformedJson"/>) when it is not. The reader's own words name .NET types: they stay
    /// inside.
    /// </summary>
    public static ValidationFailure ToFailure(JsonException e)
    {
        // The reader's syntax errors arrive wrapped in the deserializer's exception.
        if (e.InnerException is JsonException)
        {
            var place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            return new ValidationFailure(WholeBody, $"The body is not valid JSON{place}.")
            {
                ErrorCode = ErrorCodes.MalformedJson,
            };
        }

        var path = FieldPath(e.Path);
        return path.Length == 0
            ? new ValidationFailure(WholeBody, "The body must be a JSON object.")
            : new ValidationFailure(path, Reason(e.Message));
    }

    static JsonSerializerOptions Made()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Configure(options);
        return options;
    }

    // The reader has one exception for all three; only its text tells them apart.
    static string Reason(string message)
        => message.Contains("could not be mapped", StringComparison.Ordinal) ? "There is no such member."
            : message.StartsWith("Duplicate property", StringComparison.Ordinal)
                ? "This member is given more than once."
            : "This value is of the wrong type, or not a value that the type can hold.";

    // "$.lines[0].quantity" -> "lines[0].quantity". A name that the client made up may be of any length.
    static string FieldPath(string? path)
    {
        var field = path is null ? "" : path.TrimStart('$').TrimStart('.');
        return field.Length <= MaxFieldPathLength ? field : field[..MaxFieldPathLength];
    }

    sealed class UtcInstants : JsonConverter<DateTimeOffset>
    {
        const int Length = 24;

        public override DateTimeOffset Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        {
            // The runtime's own format with seven digits, cut to three: several times as fast as one spelled out.
            Span<byte> text = stackalloc byte[32];
            if (!value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture))
                throw new JsonException("An instant does not fit its format.");
            text[Length - 1] = (byte)'Z';
            writer.WriteStringValue(text[..Length]);
        }
    }
}
