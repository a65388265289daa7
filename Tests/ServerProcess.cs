using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tests;

/// <summary>
/// The program as a process of its own: for tests that need other settings, a restart, a kill, or the real
/// server's limits. It listens on a free port and is ended with the test.
/// </summary>
sealed partial class ServerProcess : IAsyncDisposable
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    volatile TaskCompletionSource _mayRead = Allowed();
    readonly Task _read;

    ServerProcess(Process process)
    {
        _process = process;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
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

    /// <summary>The log so far: each line is a JSON object.</summary>
    public IReadOnlyList<JsonElement> Lines
        => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What the process has loaded; on Linux.</summary>
    public string MemoryMap => File.ReadAllText($"/proc/{_process.Id}/maps");

    /// <summary>Starts the server on <paramref name="folder"/> and waits until it listens.</summary>
    public static Task<ServerProcess> StartAsync(string folder, params string[] settings)
        => StartAsync(folder, NoVariables, settings);

    /// <inheritdoc cref="StartAsync(string, string[])"/>
    public static Task<ServerProcess> StartAsync(
        string folder, IReadOnlyDictionary<string, string> variables, params string[] settings)
        => ListeningAsync(Launch(folder, variables, settings));

    /// <summary>Starts the server by another program, which must become it: <c>prlimit --nofile=1024</c>.</summary>
    public static Task<ServerProcess> StartByAsync(string[] starter, string folder, params string[] settings)
        => ListeningAsync(Launch(folder, NoVariables, settings, starter));

    /// <summary>Starts the server with an output that takes nothing: where it listens must be known before.</summary>
    public static async Task<ServerProcess> StartSilentAsync(string folder)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var server = Launch(
            folder, NoVariables, [$"Urls={address}"], ["sh", "-c", "exec \"$0\" \"$@\" > /dev/full 2>&1"]);
        server.Client = new HttpClient { BaseAddress = address };
        await Wait.UntilAsync(server.AnswersAsync, "the server answers");
        return server;
    }

    static async Task<ServerProcess> ListeningAsync(ServerProcess server)
    {
        try
        {
            var ended = server._process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var first = await Task.WhenAny(server._listening.Task, ended)
                .WaitAsync(Deadline, TestContext.Current.CancellationToken);
            Assert.True(first == server._listening.Task, $"The program ended instead of listening:\n{server.Output}");
            server.Client = new HttpClient { BaseAddress = await server._listening.Task };
            return server;
        }
        // Whoever starts it never gets it into hand, to end it.
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the program with settings it is expected to refuse.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public static Task<(int ExitCode, string Output)> RunToEndAsync(string folder, params string[] settings)
        => RunToEndAsync(folder, NoVariables, settings);

    /// <inheritdoc cref="RunToEndAsync(string, string[])"/>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(
        string folder, IReadOnlyDictionary<string, string> variables, params string[] settings)
        => await ToEndAsync(Launch(folder, variables, settings));

    /// <summary>As <see cref="StartByAsync"/>, with a program that is expected to refuse.</summary>
    public static Task<(int ExitCode, string Output)> RunToEndByAsync(string[] starter, string folder)
        => ToEndAsync(Launch(folder, NoVariables, [], starter));

    static async Task<(int ExitCode, string Output)> ToEndAsync(ServerProcess launched)
    {
        await using var server = launched;
        return (await server.EndedAsync(), server.Output);
    }

    /// <summary>Runs one of the program's commands on <paramref name="folder"/>.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="input">What it is given on standard input.</param>
    /// <param name="arguments">The command and what belongs to it.</param>
    /// <returns>Its exit code and all that it printed.</returns>
    public static async Task<(int ExitCode, string Output)> CommandAsync(
        string folder, string input, params string[] arguments)
    {
        await using var command = Launch(folder, NoVariables, [], [], arguments);
        await command._process.StandardInput.WriteLineAsync(input);
        command._process.StandardInput.Close();
        return (await command.EndedAsync(), command.Output);
    }

    /// <summary>Runs one of the program's commands by another program, which runs it or becomes it.</summary>
    public static async Task<(int ExitCode, string Output)> CommandByAsync(
        string[] starter, string folder, params string[] arguments)
    {
        await using var command = Launch(folder, NoVariables, [], starter, arguments);
        return (await command.EndedAsync(), command.Output);
    }

    /// <summary>Begins one of the program's commands.</summary>
    public static ServerProcess Begin(string folder, params string[] arguments)
        => Launch(folder, NoVariables, [], [], arguments);

    /// <summary>Logs somebody in.</summary>
    /// <returns>The access token.</returns>
    public async Task<string> LogInAsync(string email, string password)
    {
        var body = Requests.Json(JsonSerializer.Serialize(new { email, password }));
        var pair = await Requests.SendAsync(Client, HttpMethod.Post, "/api/v1/auth/login", body)
            .DataAsync(HttpStatusCode.OK);
        return pair.GetProperty("accessToken").GetString()!;
    }

    /// <summary>Whether the process stands still.</summary>
    public bool IsFrozen => File.ReadAllText($"/proc/{_process.Id}/stat").Split(' ')[2] == "T";

    /// <summary>Takes the processor away from it; clients wait.</summary>
    public void Freeze()
    {
        const int Stop = 19;
        Assert.Equal(0, Signal(_process.Id, Stop));
    }

    /// <summary>Gives it the processor back.</summary>
    public void GoOn()
    {
        const int Continue = 18;
        Assert.Equal(0, Signal(_process.Id, Continue));
    }

    /// <summary>Asks it to stop, as a supervisor does, and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync()
    {
        const int Terminate = 15;
        Assert.Equal(0, Signal(_process.Id, Terminate));
        return EndedAsync();
    }

    /// <summary>Leaves what the program prints in the pipe, which is soon full.</summary>
    public void StopReading() => _mayRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads on.</summary>
    public void ReadOn() => _mayRead.TrySetResult();

    /// <summary>kill -9: nothing is flushed, nothing is said.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        RunLog.Keep(_process.Id, Output);
        _process.Dispose();
    }

    /// <summary>The home folder of a server on <paramref name="folder"/>: it has no business there.</summary>
    public static string HomeOf(string folder) => folder + ".home";

    static readonly Dictionary<string, string> NoVariables = [];

    static ServerProcess Launch(
        string folder, IReadOnlyDictionary<string, string> variables, string[] settings, string[]? starter = null,
        params ReadOnlySpan<string> command)
    {
        var program = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "ProgramFolder").Value!;
        var file = OperatingSystem.IsWindows() ? "SliceApi.exe" : "SliceApi";
        string[] words = [.. starter ?? [], Path.Combine(program, file)];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = program,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["HOME"] = HomeOf(folder);
        // A killed process leaves its sockets for diagnostic tools behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        // What most of them do is start.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
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
        return new ServerProcess(Process.Start(start)!);
    }

    async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Deadline, TestContext.Current.CancellationToken);
        await _read.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            return (await Client.GetAsync("/health/live", TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Somebody else may take it until the server does; then the test fails and says so.
    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static TaskCompletionSource Allowed()
    {
        var allowed = new TaskCompletionSource();
        allowed.SetResult();
        return allowed;
    }

    async Task ReadAsync(StreamReader printed)
    {
        while (await printed.ReadLineAsync() is { } line)
        {
            Take(line);
            await _mayRead.Task;
        }
    }

    void Take(string line)
    {
        lock (_output)
            _output.AppendLine(line);
        if (Listening().Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Signal(int process, int signal);

    [GeneratedRegex(@"Now listening on: (https?://[0-9.:]+)")]
    private static partial Regex Listening();
}
