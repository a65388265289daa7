using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Benchmarks;

/// <summary>Where figures come from: without it they say little.</summary>
static class Machine
{
    const int Syncs = 50;

    /// <summary>Processor, memory, disk, system and runtime.</summary>
    /// <param name="folder">Where the databases are.</param>
    public static string Describe(string folder)
        => FormattableString.Invariant(
            $"""
            {Environment.ProcessorCount} cores ({Find("/proc/cpuinfo", "model name")}), {Memory():0} GB of memory,
            {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.
            Load average before the run: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}.
            Databases on {new DriveInfo(folder).DriveFormat}; writing 4 KB durably takes {SyncTime(folder):0.00} ms.
            """);

    // What a commit waits for. On a tmpfs it is nothing, and rates of writes mean nothing.
    static double SyncTime(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "sync"), FileMode.Create);
        var page = new byte[4096];
        var times = new List<double>();
        for (var i = 0; i < Syncs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Median();
    }

    static double Memory()
        => double.Parse(Find("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) * 1024 / 1e9;

    static string Find(string file, string name)
        => File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line.Split(':')[1].Trim()
            : "unknown";
}
