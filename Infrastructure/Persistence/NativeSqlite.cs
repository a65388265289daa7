using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SliceApi.Infrastructure.Hosting;
using SQLitePCL;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// SQLite's library in the program that is one file: it is a resource there, and libraries are loaded from files. So a
/// start takes it out into the data folder, unless it lies there already.
/// </summary>
static class NativeSqlite
{
    const string Resource = "sqlite";

    static nint _library;
    static bool _isPrepared;

    /// <summary>Makes the library ready before anything opens a database.</summary>
    /// <exception cref="StartupException">It can be neither written nor loaded.</exception>
    public static void Prepare(string dataFolder)
    {
        if (_isPrepared)
            return;
        Load(dataFolder);
        Batteries_V2.Init();
        // Nobody reads its memory statistics, and keeping them takes a lock at every allocation: a tenth of a
        // transfer's time. A library that is in use already, as in tests, says no and keeps them.
        raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        _isPrepared = true;
    }

    // Does nothing where it lies beside the program.
    static void Load(string dataFolder)
    {
        if (_library != 0)
            return;
        using var resource = typeof(NativeSqlite).Assembly.GetManifestResourceStream(Resource);
        if (resource is null)
            return;
        try
        {
            _library = NativeLibrary.Load(TakeOut(resource, dataFolder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new StartupException(
                $"SQLite's library cannot be loaded from the data folder {dataFolder}: {e.Message}", e);
        }

        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? _library : 0);
    }

    static string TakeOut(Stream resource, string dataFolder)
    {
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        // Named by its content: another version lies beside it, and what lies there is what was meant to.
        var file = Path.Combine(dataFolder, $"sqlite-{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}.lib");
        if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(content))
            return file;
        var unfinished = $"{file}.{Environment.ProcessId}.tmp";
        File.Delete(unfinished);
        DataFolder.MakePrivate(unfinished);
        File.WriteAllBytes(unfinished, content);
        File.Move(unfinished, file, overwrite: true);
        return file;
    }
}
