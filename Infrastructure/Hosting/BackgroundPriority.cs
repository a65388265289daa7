using System.Runtime.InteropServices;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>Makes a thread of its own give way to those that answer requests.</summary>
public static partial class BackgroundPriority
{
    // A quarter of a core's time is left to it when everybody else is busy, all of it when nobody is.
    const int Niceness = 5;
    const int OfProcessOrThread = 0;
    const uint CallingThread = 0;

    /// <summary>For the rest of the calling thread's life: not for one of the pool.</summary>
    public static void Take()
    {
        // .NET leaves the priority of threads alone on Linux, where each has its own (setpriority(2), notes).
        if (OperatingSystem.IsLinux())
            _ = SetPriority(OfProcessOrThread, CallingThread, Niceness);
        else
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    // Fails only where a sandbox forbids it, and then everything works as before.
    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
