using Microsoft.Data.Sqlite;

namespace Tests;

/// <summary>Folders that exist for one test or one run.</summary>
static class TestFolder
{
    /// <summary>A path that nothing is at yet.</summary>
    public static string New() => Path.Combine(Path.GetTempPath(), $"sliceapi-{Guid.NewGuid():N}");

    public static void Delete(string folder)
    {
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
