using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>The database file: how connections to it are opened, for the one writer and for readers.</summary>
public sealed class SqliteFile(Settings settings, DataFolder folder)
{
    // Seconds that a statement waits for another process's lock. The provider's default, 30, is more than clients wait.
    const int LockTimeoutSeconds = 5;

    /// <summary>The full path of the file.</summary>
    public string Path => folder.DatabaseFile;

    /// <summary>Opens a connection that may write. Only the writer and the migrations hold one.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(ConnectionString(pooling: false));
        connection.Open();
        Execute(connection, $"""
            PRAGMA busy_timeout = {LockTimeoutSeconds * 1000};
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = {settings.Writer.Synchronous};
            PRAGMA journal_size_limit = 67108864;
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -16000;
            PRAGMA mmap_size = 0;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            PRAGMA secure_delete = ON;
            """);
        return connection;
    }

    /// <summary>A context's options on a connection that is open already.</summary>
    public DbContextOptions<AppDb> Options(SqliteConnection connection)
        => new DbContextOptionsBuilder<AppDb>().UseSqlite(connection).Options;

    /// <summary>Sets up contexts that read.</summary>
    public void ConfigureReader(DbContextOptionsBuilder options)
        => options
            .UseSqlite(ConnectionString(pooling: true))
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .AddInterceptors(ReaderPragmas.Instance);

    string ConnectionString(bool pooling)
        => new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            ForeignKeys = true,
            DefaultTimeout = LockTimeoutSeconds,
            Pooling = pooling,
        }.ToString();

    static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    sealed class ReaderPragmas : DbConnectionInterceptor
    {
        public static readonly ReaderPragmas Instance = new();

        // A pooled handle keeps its pragmas when it is closed and opened again.
        static readonly ConditionalWeakTable<SQLitePCL.sqlite3, object> Prepared = [];

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
            => Prepare((SqliteConnection)connection);

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Prepare((SqliteConnection)connection);
            return Task.CompletedTask;
        }

        static void Prepare(SqliteConnection connection)
        {
            if (Prepared.TryGetValue(connection.Handle!, out _))
                return;
            // Only the writer's connection writes and checkpoints: two that checkpoint at once can corrupt the file in
            // SQLite before 3.51.3.
            Execute(connection, """
                PRAGMA query_only = ON;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -4000;
                PRAGMA mmap_size = 0;
                PRAGMA trusted_schema = OFF;
                PRAGMA cell_size_check = ON;
                """);
            Prepared.AddOrUpdate(connection.Handle!, connection.Handle!);
        }
    }
}
