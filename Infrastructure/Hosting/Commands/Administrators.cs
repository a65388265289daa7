using System.CommandLine;
using System.Text;

namespace SliceApi.Infrastructure.Hosting.Commands;

/// <summary><c>admin create</c> and <c>admin reset-password</c>: how to get in the first time, and again.</summary>
static class Administrators
{
    public static Command Command(Func<string[], WebApplication> build)
        => new(
            "admin",
            "Makes administrators and gives them a new password. "
            + "The password is asked for or read from standard input.")
        {
            One(
                "create",
                "Makes an account that is an administrator.",
                build,
                (administrators, email, password, ct) => administrators.CreateAsync(email, password, ct)),
            One(
                "reset-password",
                "Gives an administrator another password and ends the sessions.",
                build,
                (administrators, email, password, ct) => administrators.ResetPasswordAsync(email, password, ct)),
        };

    static Command One(
        string name,
        string description,
        Func<string[], WebApplication> build,
        Func<SliceApi.Infrastructure.Security.Administrators, string, string, CancellationToken, Task<string>> run)
    {
        var email = new Option<string>("--email")
        {
            Description = "The e-mail address to log in with.",
            Required = true,
        };
        return new Command(name, description) { email }.Runs(async (parsed, settings, ct) =>
        {
            await using var app = build(CommandLine.Quietly(settings));
            await app.PrepareDatabaseAsync();
            var administrators = app.Services.GetRequiredService<SliceApi.Infrastructure.Security.Administrators>();
            Console.WriteLine(await run(administrators, parsed.GetRequiredValue(email), ReadPassword(), ct));
            return 0;
        });
    }

    // Never an argument: those are seen by everybody on the machine and stay in the shell's history.
    static string ReadPassword()
    {
        if (Console.IsInputRedirected)
            return Console.In.ReadLine() ?? throw new StartupException("No password came from standard input.");
        var password = Ask("Password: ");
        return password == Ask("Once more: ")
            ? password
            : throw new StartupException("These are two different passwords.");
    }

    static string Ask(string prompt)
    {
        Console.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        Console.WriteLine();
        return typed.ToString();
    }
}
