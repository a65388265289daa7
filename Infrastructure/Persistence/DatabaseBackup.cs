using Microsoft.Data.Sqlite;
using SliceApi.Infrastructure.Hosting;
using static SQLitePCL.raw;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// Copies a database while it is written to (SQLite's online backup, https://www.sqlite.org/backup.html), checks the
/// copy and only then gives it its name: a file of that name is whole, or is not there.
/// </summary>
public static class DatabaseBackup
{
    const int PagesPerStep = 1000;

    /// <summary>Makes a copy of one moment of the database.</summary>
    /// <param name="source">The database; a server may be running on it.</param>
    /// <param name="target">The copy; must not exist.</param>
    /// <param name="progress">Is told the percentage that is copied; null if nobody wants to know.</param>
    /// <param name="ct">Stops it; nothing is left then.</param>
    /// <returns>What was copied.</returns>
    /// <exception cref="StartupException">The source cannot be read, or the copy not written, or not whole.</exception>
    public static BackupReport Make(
        string source, string target, Action<int>? progress, CancellationToken ct)
    {
        if (File.Exists(target))
            throw new StartupException($"{target} exists already.");
        return Run(source, target, progress, overwrite: false, ct);
    }

    /// <summary>As <see cref="Make"/>, in place of an earlier copy, which stays until the new one is whole.</summary>
    public static BackupReport Replace(string source, string target, CancellationToken ct)
        => Run(source, target, null, overwrite: true, ct);

    static BackupReport Run(
        string source, string target, Action<int>? progress, bool overwrite, CancellationToken ct)
    {
        var unfinished = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            DataFolder.MakePrivate(unfinished);
            using var live = DatabaseCheck.OpenToRead(source);
            // One snapshot for the whole copy: what is written meanwhile neither enters it nor makes it begin again.
            using (var snapshot = live.BeginTransaction(deferred: true))
            {
                var expected = Count(live, snapshot);
                Copy(live, unfinished, progress, ct);
                var stray = Check(unfinished, expected);
                DurableFiles.Flush(unfinished);
                File.Move(unfinished, target, overwrite);
                DurableFiles.FlushFolder(Path.GetDirectoryName(target)!);
                return new BackupReport(expected, stray);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartupException($"The backup {target} could not be made: {e.Message}", e);
        }
        finally
        {
            // Deleting where there is no folder is an error of its own.
            if (File.Exists(unfinished))
                File.Delete(unfinished);
        }
    }

    /// <summary>Copies every page into a file that is thrown away when that fails: it needs no journal.</summary>
    /// <exception cref="SqliteException">The source cannot be read, or the copy not written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> stopped it.</exception>
    internal static void Copy(SqliteConnection live, string target, Action<int>? progress, CancellationToken ct)
    {
        using var copy = Open(target);
        using (var journal = new SqliteCommand("PRAGMA journal_mode = OFF", copy))
            journal.ExecuteNonQuery();
        using (var backup = sqlite3_backup_init(copy.Handle, "main", live.Handle, "main"))
        {
            int result;
            do
            {
                ct.ThrowIfCancellationRequested();
                result = sqlite3_backup_step(backup, PagesPerStep);
                var pages = Math.Max(1, sqlite3_backup_pagecount(backup));
                progress?.Invoke((int)(100L * (pages - sqlite3_backup_remaining(backup)) / pages));
            }
            while (result == SQLITE_OK);
            if (result != SQLITE_DONE)
                throw new SqliteException(sqlite3_errstr(result).utf8_to_string(), result);
        }

        // One file without a journal beside it; a server switches back when it opens it.
        using var command = new SqliteCommand("PRAGMA journal_mode = DELETE", copy);
        command.ExecuteNonQuery();
    }

    static IReadOnlyList<string> Check(string file, List<(string Table, long Rows)> expected)
    {
        using var copy = Open(file);
        var damage = DatabaseCheck.Integrity(copy);
        if (damage.Count > 0)
            throw new StartupException($"The copy is not whole, and was thrown away: {string.Join("; ", damage)}");
        if (!Count(copy, null).SequenceEqual(expected))
            throw new StartupException("The copy does not hold as many rows as the database, and was thrown away.");
        return DatabaseCheck.References(copy);
    }

    static List<(string Table, long Rows)> Count(SqliteConnection connection, SqliteTransaction? transaction)
    {
        var tables = new List<string>();
        const string Named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        using (var command = new SqliteCommand(Named, connection, transaction))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                tables.Add(reader.GetString(0));
        }

        return [.. tables.Select(table =>
        {
            using var count = new SqliteCommand($"SELECT count(*) FROM \"{table}\"", connection, transaction);
            return (table, (long)count.ExecuteScalar()!);
        })];
    }

    /// <summary>Opens a file to write to it; its name may hold anything.</summary>
    internal static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }
}

/// <summary>What a backup holds.</summary>
/// <param name="Tables">Every table with its number of rows.</param>
/// <param name="Stray">
/// Rows that point at rows which are not there, as in the database itself. Better such a copy than none; but it is not
/// restored as it is.
/// </param>
public sealed record BackupReport(IReadOnlyList<(string Table, long Rows)> Tables, IReadOnlyList<string> Stray);
