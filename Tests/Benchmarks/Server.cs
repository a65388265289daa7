using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Benchmarks;

/// <summary>A server as a process of its own, on a free port of 127.0.0.1. It ends with the benchmark.</summary>
sealed partial class Server : IAsyncDisposable
{
    const int OutputKept = 8000;
    static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    Server(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Talks to it, over as many connections as there are requests at once.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The processor time it has used so far, in the program and in the kernel.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory it now holds (RSS), in megabytes (1,000,000 bytes).</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>The most that it ever held, in megabytes.</summary>
    public double PeakMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts a program that prints "Now listening on: URL" and waits until it does.</summary>
    public static async Task<Server> StartAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(program),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // As in production, whatever the environment of the benchmark says.
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment.Remove("DOTNET_ENVIRONMENT");
        start.Environment.Remove("ASPNETCORE_URLS");
        var server = new Server(Process.Start(start)!);
        try
        {
            _ = server.DrainAsync(server._process.StandardOutput);
            _ = server.DrainAsync(server._process.StandardError);
            var ended = server._process.WaitForExitAsync(stop);
            var first = await Task.WhenAny(server._listening.Task, ended).WaitAsync(StartTime, stop);
            if (first == ended)
                throw new BenchmarkException($"{program} ended instead of listening:\n{server.Output}");
            server.Url = await server._listening.Task;
            server.Client = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last that it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Kills it. What it had to keep is on disk; the folder goes next.</summary>
    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    // In large pieces: a server that logs must not be slowed down by a reader that looks at each line.
    async Task DrainAsync(StreamReader reader)
    {
        var piece = new char[16384];
        while (await reader.ReadAsync(piece) is > 0 and var length)
        {
            lock (_output)
            {
                _output.Append(piece, 0, length);
                if (!_listening.Task.IsCompleted && Listening().Match(_output.ToString()) is { Success: true } match)
                    _listening.TrySetResult(new Uri(match.Groups[1].Value));
                if (_output.Length > OutputKept)
                    _output.Remove(0, _output.Length - OutputKept);
            }
        }
    }

    [GeneratedRegex(@"Now listening on: (http://[0-9.:]+)")]
    private static partial Regex Listening();
}
