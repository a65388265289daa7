using Microsoft.Data.Sqlite;
using SliceApi.Infrastructure.Hosting;
using static SQLitePCL.raw;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Reads a database file from outside the server and says what is wrong with it.</summary>
public static class DatabaseCheck
{
    // Enough to see what it is about.
    const int MaxProblems = 20;

    /// <summary>Every check and what it found: nothing where all is well.</summary>
    /// <param name="file">The database; a server may be running on it.</param>
    /// <exception cref="StartupException">It cannot be opened, or is no database of this program.</exception>
    public static IEnumerable<(string What, IReadOnlyList<string> Found)> Run(string file)
    {
        using var connection = OpenToRead(file);
        yield return ($"SQLite {connection.ServerVersion}", []);
        yield return ("file", Integrity(connection));
        yield return ("references", References(connection));
        yield return ("ledger", Ledger(connection));
        yield return ("outbox", Texts(connection, """
            SELECT count(*) || ' events were given up after their last try'
            FROM Outbox WHERE ParkedAt IS NOT NULL HAVING count(*) > 0
            """));
    }

    /// <summary>Opens a file for reading only. Nothing in it changes; a server beside it does not notice.</summary>
    /// <exception cref="StartupException">It is not there, or is no database of this program.</exception>
    public static SqliteConnection OpenToRead(string file)
    {
        if (!File.Exists(file))
            throw new StartupException($"There is no file {file}.");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            // A file that is opened for reading only is checked for everything but its CHECK constraints: SQLite does
            // not even parse them then.
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            sqlite3_db_config(connection.Handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
            using (var readOnly = new SqliteCommand("PRAGMA query_only = ON", connection))
                readOnly.ExecuteNonQuery();
            if (!DatabaseIdentity.IsOurs(connection))
                throw new StartupException($"{file} is no database of this program.");
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new StartupException($"{file} cannot be read: {e.Message}", e);
        }
        catch (StartupException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What SQLite finds damaged; nothing when the file is whole.</summary>
    public static IReadOnlyList<string> Integrity(SqliteConnection connection)
        => [.. Texts(connection, $"PRAGMA integrity_check({MaxProblems})").Where(text => text != "ok")];

    /// <summary>Rows that point at rows which are not there.</summary>
    public static IReadOnlyList<string> References(SqliteConnection connection)
        => Texts(connection, $"""
            SELECT "table" || ' row ' || rowid || ' points at no ' || parent
            FROM pragma_foreign_key_check LIMIT {MaxProblems}
            """);

    static IReadOnlyList<string> Ledger(SqliteConnection connection)
    {
        try
        {
            return [.. LedgerAudit.Run(connection).Mismatches.Take(MaxProblems).Select(m => $"{m.Kind} {m.Id}")];
        }
        catch (SqliteException e)
        {
            return [e.Message];
        }
    }

    // A damaged page can make the reading itself fail: that is a finding, too.
    static List<string> Texts(SqliteConnection connection, string sql)
    {
        var texts = new List<string>();
        try
        {
            using var command = new SqliteCommand(sql, connection);
            using var reader = command.ExecuteReader();
            while (reader.Read())
                texts.Add(reader.GetString(0));
        }
        catch (SqliteException e)
        {
            texts.Add(e.Message);
        }

        return texts;
    }
}
