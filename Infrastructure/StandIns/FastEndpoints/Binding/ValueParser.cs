using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Primitives;

namespace FastEndpoints;

/// <summary>Makes a value from what a route, query, claim or header holds.</summary>
delegate bool Parse(StringValues values, out object? value);

/// <summary>The parsers by type. Text is read by the invariant culture.</summary>
static class ValueParser
{
    static readonly ConcurrentDictionary<Type, Parse?> Parsers = new();

    /// <summary>The parser of that type, or null when it cannot be made from text.</summary>
    internal static Parse? Of(Type type) => Parsers.GetOrAdd(type, Build);

    internal static string Refusal(StringValues values, Type type)
        => $"Value [{values}] is not valid for a [{(Nullable.GetUnderlyingType(type) ?? type).Name}] property!";

    static Parse? Build(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return Text;
        if (type.IsEnum) return Enumeration(type);
        if (type.GetInterface(typeof(IParsable<>).FullName!)?.GenericTypeArguments[0] == type)
            return Make(nameof(Parsable), type);
        if (type.IsSZArray) return Make(nameof(Items), type.GetElementType()!, true);
        return type.GenericTypeArguments is [var item] && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item))
            ? Make(nameof(Items), item, false)
            : null;
    }

    static Parse? Make(string method, Type type, params object[] arguments)
        => (Parse?)typeof(ValueParser).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type).Invoke(null, arguments);

    // A value given twice reads "1,2": text keeps it, everything else refuses it.
    static bool Text(StringValues values, out object? value)
    {
        value = values.ToString();
        return true;
    }

    static Parse Parsable<T>() where T : IParsable<T> => static (StringValues values, out object? value) =>
    {
        var parsed = T.TryParse(values, CultureInfo.InvariantCulture, out var made);
        value = made;
        return parsed;
    };

    static Parse Enumeration(Type type)
    {
        // By name only: numbers and lists of names would reach values that no name stands for.
        var names = Enum.GetNames(type)
            .ToFrozenDictionary(name => name, name => Enum.Parse(type, name), StringComparer.OrdinalIgnoreCase);
        return (StringValues values, out object? value) => names.TryGetValue(values.ToString(), out value);
    }

    static Parse? Items<T>(bool isArray) => Of(typeof(T)) is not { } parse ? null : (values, out value) =>
    {
        value = null;
        var items = new List<T>(values.Count);
        foreach (var text in values)
        {
            if (!parse(text, out var item)) return false;
            items.Add((T)item!);
        }

        value = isArray ? items.ToArray() : items;
        return true;
    };
}
