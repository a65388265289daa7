using System.CommandLine;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace SliceApi.Infrastructure.Hosting.Commands;

/// <summary>
/// The program's command line. Without a command it serves. Every setting may follow any command
/// (<c>--DataFolder=/var/lib/sliceapi</c>). Exit codes: 0 done, 1 refused or failed, with the reason on standard error.
/// </summary>
public static class CommandLine
{
    /// <summary>Runs the command that <paramref name="args"/> name.</summary>
    /// <param name="args">What stands behind the program's name.</param>
    /// <param name="build">Makes the application from settings as arguments; it holds the data folder then.</param>
    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> build)
    {
        var root = new RootCommand(
            "A self-hosted REST API on one SQLite file. Settings follow any command: --DataFolder=DIR --Urls=URL ...");
        root.Runs((_, settings, _) => ServeAsync(build(settings)));
        root.Add(
            new Command("serve", "Serves the API until it is stopped; the same as no command.")
                .Runs((_, settings, _) => ServeAsync(build(settings))),
            new Command("migrate", "Brings the database to this version's schema.")
                .Runs(async (_, settings, _) =>
                {
                    await using var app = build(Quietly(settings));
                    await app.PrepareDatabaseAsync();
                    Console.WriteLine("The database is up to date.");
                    return 0;
                }),
            Administrators.Command(build),
            Backups.Backup(),
            Backups.Restore(),
            Demo.Command(build),
            Verification.Command());
        try
        {
            return await root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null })
                .InvokeAsync(new InvocationConfiguration
                {
                    // The server stops by itself when it is told to; errors are reported below.
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                });
        }
        catch (Exception e) when (ReasonIn(e) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return 1;
        }
    }

    // What the machine refuses is no fault of the program: a settings file that is no JSON or may not be read, a folder
    // that is gone, a disk or an output that takes no more. Its place, or what was wrong, stands in the innermost.
    static string? ReasonIn(Exception e)
        => e switch
        {
            StartupException or IOException { InnerException: null } => e.Message,
            InvalidDataException or IOException or UnauthorizedAccessException
                => $"{e.Message} {e.GetBaseException().Message}",
            SqliteException or DbUpdateException => $"The database refuses: {e.GetBaseException().Message}",
            _ => null,
        };

    /// <summary>Gives a command what it does with the settings that follow it.</summary>
    internal static T Runs<T>(this T command, Func<ParseResult, string[], CancellationToken, Task<int>> action)
        where T : Command
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, ct) => action(parsed, SettingsIn(parsed), ct));
        return command;
    }

    /// <summary>Settings for a command that says itself what it did: only errors are logged.</summary>
    internal static string[] Quietly(string[] settings) => [.. settings, "--Logging:LogLevel:Default=Error"];

    static async Task<int> ServeAsync(WebApplication app)
    {
        await using (app)
        {
            await app.PrepareDatabaseAsync();
            await app.ServeAsync();
            return 0;
        }
    }

    static void Add(this RootCommand root, params ReadOnlySpan<Command> commands)
    {
        foreach (var command in commands)
            root.Subcommands.Add(command);
    }

    // --Name=value or --Name value. Anything else is a command or an option misspelt.
    static string[] SettingsIn(ParseResult parsed)
    {
        string? valueless = null;
        foreach (var token in parsed.UnmatchedTokens)
        {
            var isName = SettingsSetup.IsSetting(token);
            // The host's own arguments, from the tools that build migrations and from tests.
            isName |= token.StartsWith("--environment", StringComparison.Ordinal)
                || token.StartsWith("--contentRoot", StringComparison.Ordinal)
                || token.StartsWith("--applicationName", StringComparison.Ordinal);
            if (!isName && valueless is null)
                throw new StartupException($"There is no command or setting '{token.Split('=')[0]}'. Try --help.");
            if (isName && valueless is not null)
                break;
            valueless = isName && !token.Contains('=', StringComparison.Ordinal) ? token : null;
        }

        if (valueless is not null)
            throw new StartupException($"The setting '{valueless}' has no value.");

        return [.. parsed.UnmatchedTokens];
    }
}
