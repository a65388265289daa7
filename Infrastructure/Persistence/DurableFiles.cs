using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Sees to it that files and their names survive a power cut.</summary>
static partial class DurableFiles
{
    /// <summary>Waits until a file's content is on the disk.</summary>
    public static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Waits until a folder's names are on the disk: those of files that were made or renamed there.</summary>
    /// <exception cref="IOException">The disk did not take them.</exception>
    public static void FlushFolder(string folder)
    {
        // .NET opens no folders, and Windows keeps names without being asked.
        if (OperatingSystem.IsWindows())
            return;
        var handle = Open(folder, 0);
        if (handle < 0)
            throw Failure(folder);
        try
        {
            if (Sync(handle) != 0)
                throw Failure(folder);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    static IOException Failure(string folder)
        => new($"{folder}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
