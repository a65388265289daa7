using Microsoft.Data.Sqlite;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// How a file says that it is a database of this program: SQLite's <c>application_id</c>, which <c>file(1)</c> shows.
/// </summary>
static class DatabaseIdentity
{
    // "SlAp"
    const int ApplicationId = 0x536C4170;

    public static bool IsOurs(SqliteConnection connection)
        => Number(connection, "PRAGMA application_id") == ApplicationId;

    /// <summary>Nothing is in it yet, or only what a first migration leaves behind that was killed.</summary>
    public static bool IsNew(SqliteConnection connection)
        => Number(connection, "SELECT count(*) FROM sqlite_master WHERE tbl_name NOT GLOB '__EFMigrations*'") == 0;

    public static void Set(SqliteConnection connection)
    {
        using var command = new SqliteCommand($"PRAGMA application_id = {ApplicationId}", connection);
        command.ExecuteNonQuery();
    }

    static long Number(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }
}
