using System.Runtime.InteropServices;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// How many connections fit into the process's limit of open files (<c>ulimit -n</c>). Each is one, and a process that
/// has used them all up can start no thread any more, which .NET does not survive.
/// </summary>
public static partial class OpenFiles
{
    // The program's own, seen at 300: assemblies, the database's connections; and connections about to be closed.
    const int Reserve = 512;
    const int FewestConnections = 64;

    /// <summary>As many connections as are wanted, or as there is room for.</summary>
    /// <exception cref="StartupException">There is hardly room for the program itself.</exception>
    public static int RoomFor(int connections)
    {
        var limit = Limit();
        if (limit < Reserve + FewestConnections)
        {
            throw new StartupException(
                $"The limit of open files is {limit}; the program needs {Reserve + FewestConnections}. "
                + "Raise it: ulimit -n, or LimitNOFILE in a unit of systemd.");
        }

        return (int)Math.Min((ulong)connections, limit - Reserve);
    }

    // .NET has raised the soft limit to the hard one when it started.
    static ulong Limit()
    {
        if (OperatingSystem.IsWindows())
            return ulong.MaxValue;
        var resource = OperatingSystem.IsLinux() ? 7 : 8;
        return GetLimit(resource, out var limits) == 0 ? limits.Soft : ulong.MaxValue;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    // rlim_t has 64 bits on every 64-bit system.
    [StructLayout(LayoutKind.Sequential)]
    readonly struct Limits
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
