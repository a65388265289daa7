using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// The folder that holds everything the program writes. Only its owner may look inside (mode 0700, files 0600), and
/// only one server at a time may hold it.
/// </summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>What the owner alone may do with a file here.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly FileStream? _lock;

    DataFolder(string path, FileStream? heldLock)
    {
        Path = path;
        _lock = heldLock;
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The database file.</summary>
    public string DatabaseFile => DatabaseIn(Path);

    static string DatabaseIn(string path) => System.IO.Path.Combine(path, "sliceapi.db");

    /// <summary>The folder in it for copies of the database: on schedule, and from before a migration.</summary>
    public string Backups => File("backups");

    /// <summary>The full path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder if it is missing and takes hold of it until disposed.</summary>
    /// <exception cref="StartupException">The folder cannot be made or written, or another server holds it.</exception>
    public static DataFolder Open(string path)
    {
        try
        {
            MakeFolder(path);
            // The tools that write migrations build the program without running it: they must not disturb a server.
            var held = EF.IsDesignTime ? null : TakeLock(System.IO.Path.Combine(path, "server.lock"));
            var folder = new DataFolder(path, held);
            MakePrivate(folder.DatabaseFile);
            NativeSqlite.Prepare(path);
            return folder;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartupException($"The data folder {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The database file of a folder that another process may hold: to be read, not written.</summary>
    /// <exception cref="StartupException">There is no such folder.</exception>
    public static string DatabaseToRead(string path)
    {
        if (!Directory.Exists(path))
            throw new StartupException($"There is no data folder {path}. Name it with --DataFolder.");
        NativeSqlite.Prepare(path);
        return DatabaseIn(path);
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    /// <summary>Makes a folder that only its owner may look into, unless it exists.</summary>
    internal static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>
    /// Makes an empty file that only its owner may read, unless it exists. Empty is a new database to SQLite, and its
    /// journals get the mode of the database.
    /// </summary>
    internal static void MakePrivate(string file)
    {
        if (System.IO.File.Exists(file))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var made = new FileStream(file, options);
    }

    // FileShare.None is an flock on Unix: the kernel drops it with the process, a killed server leaves no stale lock.
    static FileStream TakeLock(string file)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            return new FileStream(file, options);
        }
        catch (IOException e) when (System.IO.File.Exists(file))
        {
            throw new StartupException(
                $"Another server is running on the data folder {System.IO.Path.GetDirectoryName(file)}. "
                + "Stop it, or choose another folder with --DataFolder.", e);
        }
    }
}
