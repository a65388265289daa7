using System.Globalization;
using System.Text.RegularExpressions;

namespace Tests;

/// <summary>Header fields of RFC 9651, as far as needed: lists of strings with whole numbers as parameters.</summary>
static partial class StructuredFields
{
    const string Item = """(?<item>"(?<name>[ !#-\[\]-~]*)"(?<parameters>(?:; *[a-z*][a-z0-9_.*-]*=-?[0-9]{1,15})*))""";

    /// <summary>The list in a response's header, which must be there once.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyDictionary<string, long> Parameters)> Field(
        this HttpResponseMessage response, string header)
    {
        var text = Assert.Single(response.Headers.GetValues(header));
        var list = List().Match(text);
        Assert.True(list.Success, $"{header} is no structured field: {text}");
        return [.. list.Groups["name"].Captures.Zip(
            list.Groups["parameters"].Captures, (name, parameters) => (name.Value, Parameters(parameters.Value)))];
    }

    static IReadOnlyDictionary<string, long> Parameters(string text)
        => text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(parameter => parameter.Split('='))
            .ToDictionary(parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture));

    [GeneratedRegex($@"^{Item}(?:[ \t]*,[ \t]*{Item})*\z")]
    private static partial Regex List();
}
