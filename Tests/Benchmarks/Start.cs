using System.Diagnostics;

namespace Benchmarks;

/// <summary>
/// What the one file costs whoever starts it, beside the one file of an empty app: its size, the time from the start of
/// the process to the first 200 of <c>/health/ready</c>, and the memory that it holds when nothing happens. The files
/// are in the system's cache; what is compared is started in turn.
/// </summary>
static class Start
{
    const int Starts = 9;
    static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    /// <summary>Measures it.</summary>
    public static async Task MeasureAsync(Run run)
    {
        var api = await Publishing.ApiAsync(run);
        var empty = await Publishing.EmptyAppAsync(run);
        var folder = run.NewFolder();
        // Not counted: makes the database, and reads the files for the first time.
        await StartAsync(run, api, folder);
        await StartAsync(run, empty, null);

        var (first, next, nothing) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Starts; i++)
        {
            first.Add(await StartAsync(run, api, run.NewFolder()));
            next.Add(await StartAsync(run, api, folder));
            nothing.Add(await StartAsync(run, empty, null));
        }

        var (memory, emptyMemory) = (new List<double>(), new List<double>());
        for (var i = 0; i < Plan.Rounds; i++)
        {
            memory.Add(await IdleAsync(run, api, folder));
            emptyMemory.Add(await IdleAsync(run, empty, null));
        }

        Compare(run, "size of the one file", Megabytes(api), Megabytes(empty), "MB");
        Compare(run, "start to ready", next.Median(), nothing.Median(), "ms");
        Compare(run, "first start to ready, which makes the database", first.Median(), nothing.Median(), "ms");
        Compare(run, "memory when idle (RSS)", memory.Median(), emptyMemory.Median(), "MB");
    }

    static void Compare(Run run, string what, double api, double empty, string unit)
    {
        run.Report.Ratio($"{what}, to an empty app's", api / empty);
        run.Report.Figure($"{what}: the API", api, unit);
        run.Report.Figure($"{what}: an empty app", empty, unit);
    }

    static double Megabytes(string file) => new FileInfo(file).Length / 1e6;

    // In milliseconds.
    static async Task<double> StartAsync(Run run, string program, string? folder)
    {
        var started = Stopwatch.GetTimestamp();
        await using var server = await ReadyAsync(run, program, folder);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    static async Task<double> IdleAsync(Run run, string program, string? folder)
    {
        await using var server = await ReadyAsync(run, program, folder);
        await Task.Delay(IdleTime, run.Stop);
        return server.Megabytes;
    }

    static async Task<Server> ReadyAsync(Run run, string program, string? folder)
    {
        string[] settings = folder is null ? [] : [$"--DataFolder={folder}"];
        var server = await Server.StartAsync(program, [.. settings, "--Urls=http://127.0.0.1:0"], run.Stop);
        try
        {
            using var ready = await server.Client.GetAsync("/health/ready", run.Stop);
            ready.EnsureSuccessStatusCode();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
