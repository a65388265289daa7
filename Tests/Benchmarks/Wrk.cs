using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>
/// A load generator that is small enough to take little from the server that it shares the cores with.
/// </summary>
sealed class Wrk
{
    const string Name = "wrk";
    const int DefaultThreads = 2;

    readonly string _program;
    readonly string _folder;
    readonly CancellationToken _stop;

    /// <summary>Runs it.</summary>
    /// <param name="program">What <see cref="Find"/> has found.</param>
    /// <param name="folder">Where scripts are put together.</param>
    /// <param name="stop">Ends what is running.</param>
    public Wrk(string program, string folder, CancellationToken stop)
        => (_program, _folder, _stop) = (program, folder, stop);

    /// <summary>Looks for the program.</summary>
    /// <exception cref="BenchmarkException">It is not installed.</exception>
    public static string Find()
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(each => Path.Combine(each, Name))
            .FirstOrDefault(File.Exists)
            ?? throw new BenchmarkException($"{Name} is not installed: apt-get install {Name}");

    /// <summary>Loads a server for some seconds.</summary>
    /// <param name="url">What is asked for.</param>
    /// <param name="connections">How many requests there are at once.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="script">One of the scripts beside the program.</param>
    /// <param name="token">The access token that each request carries, if the script does not add one itself.</param>
    /// <param name="threads">wrk's threads; two unless the script wants one for each connection.</param>
    /// <param name="arguments">The script's.</param>
    public async Task<Load> RunAsync(
        Uri url,
        int connections,
        int seconds,
        string script = "get",
        string? token = null,
        int threads = DefaultThreads,
        params string[] arguments)
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] options =
        [
            $"-t{Math.Min(threads, connections)}", $"-c{connections}", $"-d{seconds}s", "--timeout", "30s",
            "-s", await ComposeAsync(script),
        ];
        foreach (var option in options)
            start.ArgumentList.Add(option);
        if (token is not null)
        {
            start.ArgumentList.Add("-H");
            start.ArgumentList.Add($"Authorization: Bearer {token}");
        }

        start.ArgumentList.Add(url.ToString());
        foreach (var argument in arguments.Prepend("--"))
            start.ArgumentList.Add(argument);
        return Read(await RunAsync(start, TimeSpan.FromSeconds(seconds + 60)));
    }

    async Task<string> RunAsync(ProcessStartInfo start, TimeSpan limit)
    {
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(_stop);
            var errors = process.StandardError.ReadToEndAsync(_stop);
            await process.WaitForExitAsync(_stop).WaitAsync(limit, _stop);
            if (process.ExitCode != 0)
                throw new BenchmarkException($"{Name} failed:\n{await output}{await errors}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    // wrk takes one script.
    async Task<string> ComposeAsync(string script)
    {
        var path = Path.Combine(_folder, $"{script}.lua");
        if (!File.Exists(path))
        {
            var scripts = Path.Combine(AppContext.BaseDirectory, "Scripts");
            var text = await File.ReadAllTextAsync(Path.Combine(scripts, "summary.lua"), _stop)
                + await File.ReadAllTextAsync(Path.Combine(scripts, $"{script}.lua"), _stop);
            await File.WriteAllTextAsync(path, text, _stop);
        }

        return path;
    }

    // "#p99 1234", "#status 201 5000", one for each thread: Scripts/summary.lua.
    static Load Read(string output)
    {
        var statuses = new SortedDictionary<int, long>();
        var numbers = new Dictionary<string, long>();
        foreach (var line in output.Split('\n').Where(line => line.StartsWith('#')))
        {
            var words = line[1..].Split(' ');
            var value = long.Parse(words[^1], CultureInfo.InvariantCulture);
            if (words.Length == 2)
                numbers[words[0]] = value;
            else if (int.Parse(words[1], CultureInfo.InvariantCulture) is var status)
                statuses[status] = statuses.GetValueOrDefault(status) + value;
        }

        if (!numbers.TryGetValue("requests", out var requests) || requests == 0)
            throw new BenchmarkException($"{Name} got no answer:\n{output}");
        return new Load(
            requests,
            numbers["microseconds"] / 1e6,
            numbers["p50"] / 1e3,
            numbers["p99"] / 1e3,
            numbers["refused"],
            numbers["broken"],
            statuses);
    }
}

/// <summary>What came of a load.</summary>
/// <param name="Requests">How many were answered.</param>
/// <param name="Seconds">In how long.</param>
/// <param name="P50">Half of the answers took at most this long, in ms.</param>
/// <param name="P99">And 99 of 100 this long.</param>
/// <param name="Refused">Answers with a status from 400.</param>
/// <param name="Broken">Requests that were not answered: no connection, a broken one, too late.</param>
/// <param name="Statuses">How many answers had each status, if the script counts them.</param>
sealed record Load(
    long Requests,
    double Seconds,
    double P50,
    double P99,
    long Refused,
    long Broken,
    IReadOnlyDictionary<int, long> Statuses)
{
    /// <summary>Answers a second.</summary>
    public double Rate => Requests / Seconds;

    /// <summary>Requests that were not answered with this status, where the script counts.</summary>
    public long Not(int status) => Broken + Requests - Statuses.GetValueOrDefault(status);
}
