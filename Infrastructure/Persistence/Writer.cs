using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using static SQLitePCL.raw;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// The one way to write. SQLite has one writer, and making a commit durable costs far more than the statements in it;
/// so one thread owns the one writing connection, takes what has queued, runs each item behind a savepoint in a shared
/// transaction, commits once and only then answers. An item that fails is undone alone; a commit that fails fails all.
/// </summary>
public sealed class Writer(
    Settings settings,
    SqliteFile file,
    OutboxBell bell,
    TimeProvider clock,
    IMeterFactory meters,
    ILogger<Writer> logger)
    : IHostedService, IDisposable
{
    /// <summary>The meter that tells how writes are gathered.</summary>
    public const string MeterName = "SliceApi.Writer";

    // Writes a page, and what stood there before: SQLite itself makes no use of the number.
    const string Touch = "PRAGMA user_version = 0";

    // A batch also ends when its items have worked about as long as a commit takes: more would gain little, and the
    // first of them is waiting. Where commits are slow, many share one; where they are fast, answers leave sooner.
    static readonly TimeSpan MinBatchTime = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan MaxBatchTime = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan FailureLogInterval = TimeSpan.FromMinutes(1);

    readonly Channel<WriteItem> _queue = Channel.CreateBounded<WriteItem>(
        new BoundedChannelOptions(settings.Writer.QueueLimit) { SingleReader = true });

    readonly Histogram<int> _batchSize = meters.Create(MeterName)
        .CreateHistogram<int>("sliceapi.writer.batch_size", "{write}", "Writes that shared one commit.");

    readonly Histogram<double> _commitDuration = meters.Create(MeterName)
        .CreateHistogram<double>("sliceapi.writer.commit_duration", "s", "How long a commit took.",
            advice: new() { HistogramBucketBoundaries = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] });

    readonly List<WriteItem> _batch = new(settings.Writer.MaxBatch);
    readonly Dictionary<string, Statement> _statements = [];
    SqliteTransaction? _transaction;
    bool _published;
    bool _usesDb;
    TimeSpan _batchTime = MaxBatchTime;
    bool _inDoubt;
    SqliteConnection? _connection;
    AppDb? _db;
    Thread? _thread;
    volatile bool _healthy;
    long _failureLogged;

    /// <summary>Whether the last commit succeeded and the writing thread runs.</summary>
    public bool IsHealthy => _healthy;

    /// <summary>How many writes wait for a batch.</summary>
    public int QueueLength => _queue.Reader.Count;

    /// <summary>Runs one unit of writing: all of it is on disk when the task completes, none when it fails.</summary>
    /// <param name="work">Statements on the scope's database and nothing else: all other writes wait meanwhile.</param>
    /// <param name="ct">The caller's; work that has not started when it is cancelled never starts.</param>
    /// <exception cref="OverloadedException">Too many writes wait, or the database cannot be written.</exception>
    public async Task<T> RunAsync<T>(Func<WriteScope, CancellationToken, Task<T>> work, CancellationToken ct)
    {
        var item = new WriteItem<T>(work, ct);
        if (!_queue.Writer.TryWrite(item))
            throw new OverloadedException();
        var result = await item.Completion;
        foreach (var action in item.AfterCommit)
            await action();
        return result;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<WriteScope, CancellationToken, Task> work, CancellationToken ct)
        => RunAsync(
            async (scope, token) =>
            {
                await work(scope, token);
                return true;
            },
            ct);

    /// <summary>Finds out whether the disk takes a write.</summary>
    /// <exception cref="OverloadedException">It does not, or too many writes wait.</exception>
    public Task ProbeAsync(CancellationToken ct)
        => RunAsync((scope, _) => Task.FromResult(scope.Prepare(Touch).Execute()), ct);

    /// <summary>Opens the writing connection and starts the thread.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Reopen();
        _thread = new Thread(Loop) { Name = "writer", IsBackground = true };
        _thread.Start();
        _healthy = true;
        return Task.CompletedTask;
    }

    /// <summary>Takes no more, finishes what is queued and closes the connection.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        return _thread is { } thread ? Task.Run(thread.Join, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _db?.Dispose();
        _connection?.Dispose();
    }

    // Taken into the transaction when an item first wants it: most that are in a hurry do without.
    internal AppDb Db
    {
        get
        {
            if (!_usesDb)
                _db!.Database.UseTransaction(_transaction);
            _usesDb = true;
            return _db!;
        }
    }

    internal IReadOnlyCollection<string> Prepared => _statements.Keys;

    void Loop()
    {
        // A thread of its own: SQLite works synchronously, and requests must find the thread pool free.
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            try
            {
                RunBatch();
            }
            // Whatever it is: those who wait must hear of it, and the next batch gets a new connection.
            catch (Exception e)
            {
                Fail(e);
            }
        }

        _healthy = false;
        CloseFile();
    }

    // The file is left without a journal, and with what the planner should know of it.
    void CloseFile()
    {
        if (_db is null)
            return;
        try
        {
            using var command = _connection!.CreateCommand();
            command.CommandText = "PRAGMA analysis_limit = 400; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            // The journal stays, and is read at the next start.
            logger.LogWarning(e, "The database could not be tidied up");
        }
    }

    void RunBatch()
    {
        if (_db is null)
            Reopen();
        using var transaction = _transaction = _connection!.BeginTransaction();
        var started = Stopwatch.GetTimestamp();
        while (_batch.Count < settings.Writer.MaxBatch
            && Stopwatch.GetElapsedTime(started) < _batchTime
            && _queue.Reader.TryRead(out var item))
        {
            if (item.IsAbandoned)
                continue;
            _batch.Add(item);
            RunItem(item);
        }

        var worked = Stopwatch.GetTimestamp();
        _inDoubt = true;
        transaction.Commit();
        _inDoubt = false;
        var committing = Stopwatch.GetElapsedTime(worked);
        _commitDuration.Record(committing.TotalSeconds);
        _batchTime = TimeSpan.FromTicks(Math.Clamp(committing.Ticks * 3 / 4, MinBatchTime.Ticks, MaxBatchTime.Ticks));
        if (_usesDb)
            _db!.Database.UseTransaction(null);
        _usesDb = false;
        _healthy = true;
        if (_batch.Count > 0)
            _batchSize.Record(_batch.Count);
        foreach (var item in _batch)
            item.Complete();
        _batch.Clear();
        if (_published)
            bell.Ring();
        _published = false;
    }

    // Prepared once and kept as long as the connection.
    internal Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
            _statements.Add(sql, statement = new Statement(_connection!, sql));
        return statement;
    }

    internal void Publish(DomainEvent happened, string? requestId)
    {
        var now = clock.GetUtcNow().UtcTicks;
        Prepare("""
            INSERT INTO Outbox (Entity, Name, Payload, RequestId, CreatedAt, Attempts, NextTryAt)
            VALUES ($entity, $name, $payload, $request, $now, 0, $now)
            """).Execute(
            happened.Entity, EventTypes.NameOf(happened), EventTypes.Serialize(happened), requestId, now);
        _published = true;
    }

    void RunItem(WriteItem item)
    {
        Prepare("SAVEPOINT item").Execute();
        item.Run(new WriteScope(this, item));
        Forget();
        // A full disk or an I/O error makes SQLite roll back the whole transaction by itself. The next statement would
        // then commit alone, while its caller is told that the batch failed: stop here.
        if (sqlite3_get_autocommit(_connection!.Handle) != 0)
            throw new InvalidOperationException("The transaction ended while an item ran.", item.Error);
        if (item.Error is not null)
            Undo();
        Prepare("RELEASE item").Execute();
    }

    internal void Undo()
    {
        Forget();
        Prepare("ROLLBACK TO item").Execute();
    }

    // What an item tracked is nobody else's.
    void Forget()
    {
        if (_usesDb)
            _db!.ChangeTracker.Clear();
    }

    // Nothing of the batch is on disk. Whoever is waiting may try again.
    void Fail(Exception cause)
    {
        // A full disk fails every batch until somebody makes room: that need not be said each time.
        var isNews = _healthy || Stopwatch.GetElapsedTime(_failureLogged) > FailureLogInterval;
        _healthy = false;
        Bury();
        Dispose();
        _db = null;
        _usesDb = false;
        // Not even begun: what made this wait in vain would make each of those behind it wait as long.
        if (_batch.Count == 0)
        {
            while (_queue.Reader.TryRead(out var waiting))
                _batch.Add(waiting);
        }

        // Before the next batch: an event of this one was not published.
        _published = false;
        if (isNews)
        {
            logger.LogError(cause, "A batch of {Count} writes failed", _batch.Count);
            _failureLogged = Stopwatch.GetTimestamp();
        }

        foreach (var item in _batch)
            item.Fail(new OverloadedException(cause));
        _batch.Clear();
    }

    // A commit that failed may have left all it had to say in the journal, and only missed the disk's confirmation.
    // A process that reads the journal after a crash would take it for committed, whatever its callers were told.
    // The next commit is written over it: so make one, before they are told.
    void Bury()
    {
        if (!_inDoubt)
            return;
        _inDoubt = false;
        try
        {
            using var command = _connection!.CreateCommand();
            command.CommandText = Touch;
            command.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            // Most likely this is written over it nevertheless, and not confirmed either.
            logger.LogWarning(e, "Whether the writes that were refused are on disk is not known: it takes no others");
        }
    }

    void Reopen()
    {
        _connection = file.OpenWriter();
        _db = new AppDb(file.Options(_connection));
        // The writer sets the savepoints.
        _db.Database.AutoSavepointsEnabled = false;
    }
}
