using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Primitives;

namespace FastEndpoints;

/// <summary>Makes a value of <typeparamref name="T"/> from what a route, query, claim or header holds.</summary>
delegate bool Parse<T>(StringValues values, out T value);

/// <summary>The parser of each type; built once per type.</summary>
static class ValueParser<T>
{
    internal static readonly Parse<T>? Known = (Parse<T>?)ValueParser.Build(typeof(T));

    internal static Parse<T> Instance
        => Known ?? throw new NotSupportedException($"{typeof(T)} cannot be made from text.");
}

/// <summary>Builds parsers. Text is read by the invariant culture.</summary>
static class ValueParser
{
    static readonly HashSet<Type> ListContracts =
    [
        typeof(List<>), typeof(IEnumerable<>), typeof(ICollection<>), typeof(IList<>), typeof(IReadOnlyCollection<>),
        typeof(IReadOnlyList<>),
    ];

    /// <summary>What is said of a value that is not of its member's type.</summary>
    internal static string Refusal(StringValues values, Type type)
        => $"Value [{values}] is not valid for a [{(Nullable.GetUnderlyingType(type) ?? type).Name}] property!";

    internal static Delegate? Build(Type type)
    {
        if (type == typeof(string)) return new Parse<string?>(Text);
        if (Nullable.GetUnderlyingType(type) is { } value) return Known(value) ? Make(nameof(Optional), value) : null;
        if (type.IsEnum) return Make(nameof(Enumeration), type);
        if (type.IsArray) return type.GetElementType() is { } item && Known(item) ? Make(nameof(Array), item) : null;
        if (type.IsGenericType && ListContracts.Contains(type.GetGenericTypeDefinition()))
        {
            var element = type.GetGenericArguments()[0];
            return Known(element) ? Make(nameof(List), element, type) : null;
        }

        if (type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>)
            && i.GetGenericArguments()[0] == type))
            return Make(nameof(Parsable), type);
        return type.GetMethod("TryParse", BindingFlags.Static | BindingFlags.Public, [typeof(string), type.MakeByRefType()])
            is { } tryParse && tryParse.ReturnType == typeof(bool) ? Make(nameof(Custom), type) : null;
    }

    static bool Known(Type type)
        => typeof(ValueParser<>).MakeGenericType(type).GetField("Known", BindingFlags.Static | BindingFlags.NonPublic)!
            .GetValue(null) is not null;

    static Delegate Make(string method, params Type[] types)
        => (Delegate)typeof(ValueParser).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(types).Invoke(null, null)!;

    // A value given twice reads "1,2": text keeps it, everything else refuses it.
    static bool Text(StringValues values, out string? value)
    {
        value = values.ToString();
        return true;
    }

    static Parse<T> Parsable<T>() where T : IParsable<T>
        => static (StringValues values, out T value) => T.TryParse(values, CultureInfo.InvariantCulture, out value!);

    static Parse<T?> Optional<T>() where T : struct
    {
        var parse = ValueParser<T>.Instance;
        return (StringValues values, out T? value) =>
        {
            var parsed = parse(values, out var inner);
            value = parsed ? inner : null;
            return parsed;
        };
    }

    static Parse<T> Enumeration<T>() where T : struct, Enum
    {
        // By name only: numbers and lists of names would reach values that no name stands for.
        var names = Enum.GetNames<T>().ToFrozenDictionary(n => n, Enum.Parse<T>, StringComparer.OrdinalIgnoreCase);
        return (StringValues values, out T value) => names.TryGetValue(values.ToString(), out value);
    }

    static Parse<T[]> Array<T>()
    {
        var parse = ValueParser<T>.Instance;
        return (StringValues values, out T[] value) =>
        {
            value = new T[values.Count];
            for (var i = 0; i < value.Length; i++)
            {
                if (!parse(values[i], out value[i])) return false;
            }

            return true;
        };
    }

    static Parse<TList> List<T, TList>()
    {
        var parse = Array<T>();
        return (StringValues values, out TList value) =>
        {
            var parsed = parse(values, out var items);
            value = (TList)(object)new List<T>(items);
            return parsed;
        };
    }

    static Parse<T> Custom<T>()
    {
        var tryParse = typeof(T).GetMethod("TryParse", [typeof(string), typeof(T).MakeByRefType()])!
            .CreateDelegate<TryParse<T>>();
        return (StringValues values, out T value) => tryParse(values.ToString(), out value);
    }

    delegate bool TryParse<T>(string text, out T value);
}
