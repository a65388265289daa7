using System.Text.Json;
using System.Text.Json.Serialization;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// A member of a merge PATCH (RFC 7396): left out it changes nothing, given it is the new value. Plain nullable members
/// cannot tell "left out" from "null".
/// </summary>
/// <typeparam name="T">The member's type.</typeparam>
[JsonConverter(typeof(OptionalConverterFactory))]
public readonly record struct Optional<T>
{
    /// <summary>A member that was given.</summary>
    public Optional(T? value)
    {
        IsGiven = true;
        Value = value;
    }

    /// <summary>Whether the member was in the body.</summary>
    public bool IsGiven { get; }

    /// <summary>What it was, null included; meaningless when it was not given.</summary>
    public T? Value { get; }

    /// <summary>The new value when one was given, else <paramref name="current"/>.</summary>
    public T Or(T current) => IsGiven ? Value! : current;
}

sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType
        && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
        => (JsonConverter)Activator.CreateInstance(
            typeof(OptionalConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
}

sealed class OptionalConverter<T> : JsonConverter<Optional<T>>
{
    // Called for null, too: that it was given is what counts.
    public override bool HandleNull => true;

    public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return new Optional<T>(JsonSerializer.Deserialize<T>(ref reader, options));
        }
        catch (JsonException)
        {
            // Its path begins here; an exception without one gets the path from the body's root.
            throw new JsonException();
        }
    }

    public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options)
        => JsonSerializer.Serialize(writer, value.Value, options);
}
