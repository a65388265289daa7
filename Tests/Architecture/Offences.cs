namespace Tests.Architecture;

/// <summary>How a rule says what breaks it: all of it, each on a line of its own, uncut.</summary>
static class Offences
{
    /// <param name="rule">What is wrong with those, and what to do about it.</param>
    /// <param name="offences">What breaks the rule.</param>
    public static void None(string rule, IEnumerable<string> offences)
    {
        var found = offences.Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, $"{rule}:\n{string.Join('\n', found)}");
    }
}
