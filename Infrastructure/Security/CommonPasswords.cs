using System.Collections.Frozen;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// The passwords that attackers try first (NIST SP 800-63B, 5.1.1.2), embedded from <c>common-passwords.txt</c>, which
/// names its source.
/// </summary>
static class CommonPasswords
{
    static readonly FrozenSet<string> List = Read();

    /// <summary>Whether <paramref name="password"/> is one of them, in whatever case.</summary>
    public static bool Contain(string password) => List.Contains(password);

    static FrozenSet<string> Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
