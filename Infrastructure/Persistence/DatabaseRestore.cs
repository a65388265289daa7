using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Hosting;
using static SQLitePCL.raw;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Puts a backup in the database's place, in an order in which a crash at any moment loses neither.</summary>
public static class DatabaseRestore
{
    static readonly string[] Journals = ["-wal", "-shm", "-journal"];
    static readonly string[] Kept = ["-wal", "-journal"];

    /// <summary>Checks the backup, keeps the database that is there aside, and puts the backup in its place.</summary>
    /// <param name="backup">The backup; it stays as it is.</param>
    /// <param name="folder">The data folder, which no server holds.</param>
    /// <param name="ct">Stops it while nothing has been replaced yet.</param>
    /// <returns>Where the old database is kept; null when there was none.</returns>
    /// <exception cref="StartupException">
    /// The backup is damaged, not of this program, or of a newer version.
    /// </exception>
    public static string? Run(string backup, DataFolder folder, CancellationToken ct)
    {
        Check(backup);
        var (database, incoming, outgoing) =
            (folder.DatabaseFile, folder.File("restoring.tmp"), folder.File("before-restore.tmp"));
        try
        {
            File.Delete(incoming);
            DataFolder.MakePrivate(incoming);
            using (var source = DatabaseCheck.OpenToRead(backup))
                DatabaseBackup.Copy(source, incoming, null, ct);
            using (var target = DatabaseBackup.Open(incoming))
                EndSessions(target);

            DurableFiles.Flush(incoming);
            ct.ThrowIfCancellationRequested();
            var aside = KeepAside(database, outgoing);
            Settle(database);
            // A journal of the old database would be taken for the new one's.
            foreach (var journal in Journals)
                File.Delete(database + journal);
            File.Move(incoming, database, overwrite: true);
            DurableFiles.FlushFolder(folder.Path);
            return aside;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartupException($"Restoring {backup} failed: {e.Message}", e);
        }
        finally
        {
            File.Delete(incoming);
            File.Delete(outgoing);
        }
    }

    static void Check(string backup)
    {
        using var connection = DatabaseCheck.OpenToRead(backup);
        var damage = DatabaseCheck.Integrity(connection).Concat(DatabaseCheck.References(connection)).ToList();
        if (damage.Count > 0)
            throw new StartupException($"{backup} is damaged: {string.Join("; ", damage)}");
        using var db = new AppDb(new DbContextOptionsBuilder<AppDb>().UseSqlite(connection).Options);
        Migrator.RefuseNewer(backup, db.Database.GetAppliedMigrations(), db.Database.GetMigrations());
    }

    // Refresh tokens that were exchanged since the backup would be ahead of it: everybody logs in anew.
    static void EndSessions(SqliteConnection connection)
    {
        using var command = new SqliteCommand("DELETE FROM Sessions", connection);
        command.ExecuteNonQuery();
    }

    // What a killed server has left in its journal goes into the old database: it, too, is whole by itself then, should
    // this be killed between the journal's end and the new database's name.
    static void Settle(string database)
    {
        try
        {
            using var connection = DatabaseBackup.Open(database);
            using var command = new SqliteCommand("PRAGMA wal_checkpoint(TRUNCATE)", connection);
            command.ExecuteNonQuery();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SQLITE_CANTOPEN or SQLITE_CORRUPT or SQLITE_NOTADB)
        {
            // It is missing or damaged, which is why it is replaced.
        }
    }

    // Copied with its journal, not moved: until the very last step the database is where it was. What has that name is
    // whole, for it gets it last.
    static string? KeepAside(string database, string unfinished)
    {
        if (new FileInfo(database) is not { Exists: true, Length: > 0 })
            return null;
        var aside = $"{database}.before-restore-{DateTime.UtcNow:yyyyMMdd-HHmmss}";
        foreach (var part in Kept.Where(part => File.Exists(database + part)))
        {
            File.Copy(database + part, aside + part);
            DurableFiles.Flush(aside + part);
        }

        File.Copy(database, unfinished, overwrite: true);
        DurableFiles.Flush(unfinished);
        File.Move(unfinished, aside);
        DurableFiles.FlushFolder(Path.GetDirectoryName(database)!);
        return aside;
    }
}
