using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Primitives;

namespace FastEndpoints;

/// <summary>Makes a value from what a route, query, claim or header holds.</summary>
delegate bool Parse<T>(StringValues values, out T value);

/// <summary>The parser of a type; built once.</summary>
static class ValueParser<T>
{
    internal static readonly Parse<T>? Known = (Parse<T>?)ValueParser.Build(typeof(T));

    internal static Parse<T> Instance
        => Known ?? throw new NotSupportedException($"{typeof(T)} cannot be made from text.");
}

/// <summary>Builds parsers. Text is read by the invariant culture.</summary>
static class ValueParser
{
    delegate bool TryParse<T>(string? text, out T value);

    internal static string Refusal(StringValues values, Type type)
        => $"Value [{values}] is not valid for a [{(Nullable.GetUnderlyingType(type) ?? type).Name}] property!";

    /// <summary>The parser of that type, or null when it cannot be made from text.</summary>
    internal static Delegate? Build(Type type)
    {
        if (type == typeof(string)) return new Parse<string>(Text);
        if (type.IsEnum) return Make(nameof(Enumeration), type);
        var parsable = type.GetInterface(typeof(IParsable<>).FullName!);
        if (parsable?.GenericTypeArguments[0] == type) return Make(nameof(Parsable), type);
        if (type.GetMethod("TryParse", [typeof(string), type.MakeByRefType()]) is { IsStatic: true } method
            && method.ReturnType == typeof(bool))
            return Make(nameof(Custom), type);
        if (Nullable.GetUnderlyingType(type) is { } value) return Make(nameof(Optional), value);
        if (type.IsSZArray) return Make(nameof(Array), type.GetElementType()!);
        return type.GenericTypeArguments is [var item] && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item))
            ? Make(nameof(List), item, type)
            : null;
    }

    static Delegate? Make(string method, params Type[] types)
        => (Delegate?)typeof(ValueParser).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(types).Invoke(null, null);

    // A value given twice reads "1,2": text keeps it, everything else refuses it.
    static bool Text(StringValues values, out string value)
    {
        value = values.ToString();
        return true;
    }

    static Parse<T> Parsable<T>() where T : IParsable<T>
        => static (StringValues values, out T value) => T.TryParse(values, CultureInfo.InvariantCulture, out value!);

    static Parse<T> Custom<T>()
    {
        var method = typeof(T).GetMethod("TryParse", [typeof(string), typeof(T).MakeByRefType()])!;
        var tryParse = method.CreateDelegate<TryParse<T>>();
        return (StringValues values, out T value) => tryParse(values, out value);
    }

    static Parse<T> Enumeration<T>() where T : struct, Enum
    {
        // By name only: numbers and lists of names would reach values that no name stands for.
        var names = Enum.GetNames<T>().ToFrozenDictionary(n => n, Enum.Parse<T>, StringComparer.OrdinalIgnoreCase);
        return (StringValues values, out T value) => names.TryGetValue(values.ToString(), out value);
    }

    static Parse<T?>? Optional<T>() where T : struct
        => ValueParser<T>.Known is not { } parse ? null : (StringValues values, out T? value) =>
        {
            var parsed = parse(values, out var inner);
            value = inner;
            return parsed;
        };

    static Parse<T[]>? Array<T>()
        => ValueParser<T>.Known is not { } parse ? null : (StringValues values, out T[] value) =>
        {
            value = new T[values.Count];
            for (var i = 0; i < value.Length; i++)
            {
                if (!parse(values[i], out value[i])) return false;
            }

            return true;
        };

    static Parse<TList>? List<T, TList>()
        => Array<T>() is not { } parse ? null : (StringValues values, out TList value) =>
        {
            var parsed = parse(values, out var items);
            value = (TList)(object)new List<T>(items);
            return parsed;
        };
}
