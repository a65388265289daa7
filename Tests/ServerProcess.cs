using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Tests;

/// <summary>
/// The published program as a process of its own: for tests that need other settings, a restart, a kill, or the real
/// server's limits. It listens on a free port and is ended with the test.
/// </summary>
sealed partial class ServerProcess : IAsyncDisposable
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
    }

    /// <summary>Talks to the server.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Everything the program has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts the server on <paramref name="folder"/> and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, params string[] settings)
    {
        var server = Launch(folder, settings);
        var ended = server._process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var first = await Task.WhenAny(server._listening.Task, ended).WaitAsync(Deadline, TestContext.Current.CancellationToken);
        Assert.True(first == server._listening.Task, $"The program ended instead of listening:\n{server.Output}");
        server.Client = new HttpClient { BaseAddress = await server._listening.Task };
        return server;
    }

    /// <summary>Runs the program with settings it is expected to refuse.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(string folder, params string[] settings)
    {
        await using var server = Launch(folder, settings);
        await server._process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return (server._process.ExitCode, server.Output);
    }

    /// <summary>Runs one of the program's commands on <paramref name="folder"/>.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="input">What it is given on standard input.</param>
    /// <param name="arguments">The command and what belongs to it.</param>
    /// <returns>Its exit code and all that it printed.</returns>
    public static async Task<(int ExitCode, string Output)> CommandAsync(string folder, string input, params string[] arguments)
    {
        await using var command = Launch(folder, [], arguments);
        await command._process.StandardInput.WriteLineAsync(input);
        command._process.StandardInput.Close();
        await command._process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return (command._process.ExitCode, command.Output);
    }

    /// <summary>kill -9: nothing is flushed, nothing is said.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    /// <summary>The home folder of a server on <paramref name="folder"/>: it has no business there.</summary>
    public static string HomeOf(string folder) => folder + ".home";

    static ServerProcess Launch(string folder, string[] settings, params ReadOnlySpan<string> command)
    {
        var program = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "ProgramFolder").Value!;
        var start = new ProcessStartInfo(Path.Combine(program, OperatingSystem.IsWindows() ? "SliceApi.exe" : "SliceApi"))
        {
            WorkingDirectory = program,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["HOME"] = HomeOf(folder);
        string[] ofEveryTest =
        [
            $"DataFolder={folder}",
            "Urls=http://127.0.0.1:0",
            "Passwords:MemoryKiB=64",
            "Passwords:Iterations=1",
            "RateLimits:Enabled=false",
        ];
        foreach (var word in command)
            start.ArgumentList.Add(word);
        foreach (var setting in ofEveryTest.Concat(settings))
            start.ArgumentList.Add("--" + setting);
        var server = new ServerProcess(Process.Start(start)!);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (Listening().Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (http://[0-9.:]+)")]
    private static partial Regex Listening();
}
