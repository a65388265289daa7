using System.Reflection;
using System.Runtime.InteropServices;

namespace Benchmarks;

/// <summary>One run of this program: where it keeps files, what it has found, and when it has to stop.</summary>
sealed class Run : IDisposable
{
    // Nothing here takes as long. What hangs is ended with all that was started.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(60);

    readonly CancellationTokenSource _stop = new(Limit);
    readonly PosixSignalRegistration[] _signals;
    int _folders;

    /// <summary>Makes the folder for everything that is written, in the system's folder for temporary files.</summary>
    /// <exception cref="BenchmarkException">A program that is needed is missing.</exception>
    public Run()
    {
        if (!OperatingSystem.IsLinux())
            throw new BenchmarkException("The benchmarks need Linux: Debian's wrk, and /proc for time and memory.");
        if (Metadata("Configuration") != "Release")
            throw new BenchmarkException("Build for release: dotnet run --project Tests/Benchmarks -c Release");
        var wrk = Wrk.Find();
        Folder = Directory.CreateTempSubdirectory("sliceapi-benchmarks-").FullName;
        Wrk = new Wrk(wrk, Folder, Stop);
        // Ctrl-C included. Servers are ended and files removed on the way out.
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, EndEarly))];
    }

    /// <summary>Everything that is written, goes here; removed in the end.</summary>
    public string Folder { get; }

    /// <summary>The load generator.</summary>
    public Wrk Wrk { get; }

    /// <summary>What was measured.</summary>
    public Report Report { get; } = new();

    /// <summary>Says that it is time to go.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The sources of the API.</summary>
    public static string Repository => Metadata("Repository");

    /// <summary>A folder that nothing is in yet.</summary>
    public string NewFolder() => Path.Combine(Folder, $"data-{Interlocked.Increment(ref _folders)}");

    /// <summary>A file with a line for each text.</summary>
    public async Task<string> WriteLinesAsync(IEnumerable<string> lines)
    {
        var path = NewFolder() + ".txt";
        await File.WriteAllLinesAsync(path, lines, Stop);
        return path;
    }

    /// <summary>Measures something. When it cannot be done, the report says why, and the next one goes on.</summary>
    public async Task MeasureAsync(Benchmark benchmark)
    {
        Tell($"{benchmark.Name}: {benchmark.Measures}");
        try
        {
            await benchmark.MeasureAsync(this);
        }
        catch (Exception e) when (!Stop.IsCancellationRequested
            && e is BenchmarkException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            Report.Check(false, $"{benchmark.Name} was not measured to the end: {e.Message}");
        }
    }

    /// <summary>Starts the published API on an empty data folder, without rate limits unless asked.</summary>
    public Task<Server> StartApiAsync(params string[] settings) => StartApiOnAsync(NewFolder(), settings);

    /// <summary>Starts the published API on a data folder.</summary>
    public async Task<Server> StartApiOnAsync(string folder, params string[] settings)
    {
        string[] always = [$"DataFolder={folder}", "Urls=http://127.0.0.1:0", "RateLimits:Enabled=false"];
        var program = Path.Combine(Metadata("ProgramFolder"), "SliceApi");
        var server = await Server.StartAsync(program, always.Concat(settings).Select(setting => $"--{setting}"), Stop);
        using var ready = await server.Client.GetAsync("/health/ready", Stop);
        ready.EnsureSuccessStatusCode();
        return server;
    }

    /// <summary>Starts one of the servers to compare with: this program again, as another process.</summary>
    public Task<Server> StartOwnAsync(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Benchmarks");
        return Server.StartAsync(program, arguments.Prepend(Servers.Command), Stop);
    }

    /// <summary>Tells the person who waits what goes on.</summary>
    public static void Tell(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    void EndEarly(PosixSignalContext context)
    {
        // The second time it has its usual effect.
        context.Cancel = !_stop.IsCancellationRequested;
        _stop.Cancel();
    }

    static string Metadata(string key)
        => Assembly.GetExecutingAssembly()
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == key)
            .Value!;
}
