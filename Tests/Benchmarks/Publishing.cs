using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Benchmarks;

/// <summary>Publishes the API, and an app that does nothing, as one file each: with the same profile.</summary>
static class Publishing
{
    const string Profile = "linux-x64";
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // What the API's own folder has, too, goes for an app that lies elsewhere.
    static string Properties => $"""<Project><Import Project="{Run.Repository}Directory.Build.props" /></Project>""";

    const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <ServerGarbageCollection>false</ServerGarbageCollection>
          </PropertyGroup>
        </Project>
        """;

    const string Program = """
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/health/ready", () => "ready");
        app.Run();
        """;

    /// <summary>The API's file.</summary>
    public static Task<string> ApiAsync(Run run)
        => PublishAsync(run, Path.Combine(Run.Repository, "SliceApi.csproj"));

    /// <summary>The file of an app with one route and no more than ASP.NET Core needs for it.</summary>
    public static async Task<string> EmptyAppAsync(Run run)
    {
        var folder = Directory.CreateDirectory(Path.Combine(run.Folder, "empty-app")).FullName;
        var project = Path.Combine(folder, "Empty.csproj");
        await File.WriteAllTextAsync(Path.Combine(folder, "Directory.Build.props"), Properties, run.Stop);
        await File.WriteAllTextAsync(project, Project, run.Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), Program, run.Stop);
        // It has no profiles of its own.
        var profile = $"{Run.Repository}Properties/PublishProfiles/{Profile}.pubxml";
        return await PublishAsync(run, project, $"-p:PublishProfileFullPath={profile}");
    }

    static async Task<string> PublishAsync(Run run, string project, params string[] properties)
    {
        if (RuntimeInformation.OSArchitecture != Architecture.X64)
            throw new BenchmarkException($"The one file is published for {Profile} and runs there only.");
        Run.Tell($"publishing {Path.GetFileName(project)}");
        var output = run.NewFolder();
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Run.Repository, RedirectStandardOutput = true };
        string[] arguments =
        [
            "publish", project, "-v", "quiet", $"-p:PublishProfile={Profile}", $"-p:PublishDir={output}/",
            .. properties,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var printed = process.StandardOutput.ReadToEndAsync(run.Stop);
            await process.WaitForExitAsync(run.Stop).WaitAsync(Limit, run.Stop);
            if (process.ExitCode != 0)
                throw new BenchmarkException($"{project} cannot be published:\n{await printed}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return Directory.GetFiles(output) is [var file]
            ? file
            : throw new BenchmarkException($"Not one file: {string.Join(", ", Directory.GetFiles(output))}");
    }
}
