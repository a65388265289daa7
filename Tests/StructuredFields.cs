using System.Text.RegularExpressions;

namespace Tests;

/// <summary>Header fields as RFC 9651 has them: lists of strings with whole numbers as parameters, and nothing else.</summary>
static partial class StructuredFields
{
    /// <summary>The list in a response's header, which must be there once.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyDictionary<string, long> Parameters)> Field(
        this HttpResponseMessage response, string header)
    {
        var text = Assert.Single(response.Headers.GetValues(header));
        var match = List().Match(text);
        Assert.True(match.Success, $"{header} is no structured field: {text}");
        return [.. match.Groups["item"].Captures.Select(item => (
            Item().Match(item.Value).Groups["name"].Value,
            (IReadOnlyDictionary<string, long>)Parameter().Matches(item.Value)
                .ToDictionary(p => p.Groups[1].Value, p => long.Parse(p.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture))))];
    }

    [GeneratedRegex("""^(?<item>"[ !#-\[\]-~]*"(?:;[a-z*][a-z0-9_.*-]*=-?[0-9]{1,15})*)(?:[ \t]*,[ \t]*(?<item>"[ !#-\[\]-~]*"(?:;[a-z*][a-z0-9_.*-]*=-?[0-9]{1,15})*))*$""")]
    private static partial Regex List();

    [GeneratedRegex("^\"(?<name>[^\"]*)\"")]
    private static partial Regex Item();

    [GeneratedRegex(";([a-z*][a-z0-9_.*-]*)=(-?[0-9]{1,15})")]
    private static partial Regex Parameter();
}
