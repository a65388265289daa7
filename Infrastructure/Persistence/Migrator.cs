using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Hosting;
using static SQLitePCL.raw;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Brings the database to this program's schema before anything uses it.</summary>
sealed class Migrator(SqliteFile file, DataFolder folder, ModelAhead model, ILogger<Migrator> logger)
{
    const string Mend = "Put a backup in its place: sliceapi restore FILE. The damaged file is kept aside.";

    const long MaxCheckedAtStart = 100 * 1024 * 1024;

    /// <summary>Applies the migrations that are missing. The data folder is held, so nobody else migrates.</summary>
    /// <exception cref="StartupException">The file is no database, or a newer program has written it.</exception>
    public async Task MigrateAsync(CancellationToken ct)
    {
        await model.Made;
        try
        {
            await using var connection = file.OpenWriter();
            await using var db = new AppDb(file.Options(connection));
            if (DatabaseIdentity.IsNew(connection))
                DatabaseIdentity.Set(connection);
            else if (!DatabaseIdentity.IsOurs(connection))
            {
                throw new StartupException(
                    $"{file.Path} is a database of another program. Choose another data folder.");
            }

            RefuseDamaged(connection);
            var applied = (await db.Database.GetAppliedMigrationsAsync(ct)).ToList();
            RefuseNewer(file.Path, applied, db.Database.GetMigrations());
            var pending = (await db.Database.GetPendingMigrationsAsync(ct)).ToList();
            if (pending.Count > 0)
            {
                if (applied.Count > 0)
                    KeepCopy(pending[0], ct);
                await ClearStaleLockAsync(db, ct);
                await db.Database.MigrateAsync(ct);
                logger.LogInformation("Applied migrations {Migrations}", string.Join(", ", pending));
            }

            // Migrations are generated and know no triggers; one that rebuilds a table drops them. So each start sees
            // to it that they are there.
            await db.Database.ExecuteSqlRawAsync(Ledger.Triggers, ct);
            logger.LogInformation("The database is {File}, SQLite {Version}", file.Path, connection.ServerVersion);
        }
        catch (SqliteException e)
        {
            var isDamaged = e.SqliteErrorCode is SQLITE_CORRUPT or SQLITE_NOTADB;
            throw new StartupException(
                $"The database {file.Path} cannot be used: {e.Message} {(isDamaged ? Mend : "")}", e);
        }
    }

    /// <summary>Refuses a database that holds migrations which this program does not know.</summary>
    /// <exception cref="StartupException">A newer program has written it.</exception>
    internal static void RefuseNewer(string file, IEnumerable<string> applied, IEnumerable<string> known)
    {
        if (applied.Except(known).LastOrDefault() is { } newer)
        {
            throw new StartupException(
                $"The database {file} was written by a newer version of the program: it holds the migration {newer}, "
                + $"this program knows those up to {known.LastOrDefault()}. Use the newer version.");
        }
    }

    // A file that was copied while a server wrote, say, or a failing disk. Checking a large one takes too long at a
    // start; the command 'verify' does it at any time.
    void RefuseDamaged(SqliteConnection connection)
    {
        if (new FileInfo(file.Path).Length > MaxCheckedAtStart)
            return;
        using var command = new SqliteCommand("PRAGMA quick_check(1)", connection);
        if (command.ExecuteScalar() is not "ok")
        {
            throw new StartupException($"The database {file.Path} is damaged. {Mend}");
        }
    }

    // The way back to the program before: 'restore' takes it. One for each step, however often the step is tried.
    void KeepCopy(string migration, CancellationToken ct)
    {
        var copy = Path.Combine(folder.Backups, $"before-{migration}.db");
        try
        {
            DataFolder.MakeFolder(folder.Backups);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The database cannot be copied to {copy} before it changes: {e.Message}", e);
        }

        var stray = DatabaseBackup.Replace(file.Path, copy, ct).Stray;
        if (stray.Count > 0)
            logger.LogError("The copy {File} is as broken as the database: {Stray}", copy, stray);
        logger.LogInformation("Kept a copy of the database as it was, {File}", copy);
    }

    // EF Core waits for this row to go away without a time limit. A process killed while migrating leaves it behind;
    // whoever holds the data folder knows that nobody is migrating.
    async Task ClearStaleLockAsync(AppDb db, CancellationToken ct)
    {
        var tables = await db.Database
            .SqlQuery<int>($"SELECT count(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'")
            .SingleAsync(ct);
        if (tables > 0 && await db.Database.ExecuteSqlAsync($"DELETE FROM __EFMigrationsLock", ct) > 0)
            logger.LogWarning("Cleared a migration lock that an earlier process left behind");
    }
}
