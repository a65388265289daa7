namespace Tests;

/// <summary>
/// What some tests compare with and a machine may lack. Such a test is skipped, with the command that helps; under CI
/// (environment variable CI=true) it fails instead, so that it cannot stay skipped unnoticed.
/// </summary>
static class Programs
{
    /// <summary>The full path of a program on the PATH.</summary>
    /// <param name="name">The program's file name.</param>
    /// <param name="package">Debian's package with it, if it is named otherwise.</param>
    public static string Require(string name, string? package = null)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Missing($"Debian's {name} program is not installed: apt-get install {package ?? name}");
        return path!;
    }

    /// <summary>The path itself, if there is a file.</summary>
    public static string RequireFile(string path, string package)
    {
        if (!File.Exists(path))
            Missing($"{path} is missing: apt-get install {package}");
        return path;
    }

    /// <summary>Skips the test for a reason that says what to do, or fails it under CI.</summary>
    public static void Missing(string reason)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(reason);
        Assert.Skip(reason);
    }
}
