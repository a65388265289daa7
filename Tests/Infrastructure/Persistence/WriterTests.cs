using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Infrastructure.Persistence;

/// <summary>The writer alone, on a file of its own.</summary>
public sealed class WriterTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Writer Sut => _database.Writer;

    public async ValueTask InitializeAsync()
        => await _database.InitializeAsync(writer: new WriterSettings { QueueLimit = 2000, MaxBatch = 100 });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Has_written_when_it_says_so()
    {
        await AddAsync("one");
        Assert.Equal(["one"], await NamesAsync());
    }

    [Fact]
    public async Task Undoes_one_that_fails_and_none_of_its_neighbours()
    {
        // The first holds the batch open until the others have queued behind it.
        var queued = new TaskCompletionSource();
        var first = Sut.RunAsync(
            async (scope, ct) =>
            {
                await queued.Task;
                scope.Db.Add(Somebody("first"));
                await scope.Db.SaveChangesAsync(ct);
            },
            Ct);
        var throws = Sut.RunAsync(
            async (scope, ct) =>
            {
                scope.Db.Add(Somebody("throws"));
                await scope.Db.SaveChangesAsync(ct);
                throw new NotFoundException();
            },
            Ct);
        var unsaved = Sut.RunAsync(
            (scope, _) =>
            {
                scope.Db.Add(Somebody("unsaved"));
                throw new NotFoundException();
            },
            Ct);
        var taken = AddAsync("first");
        var last = AddAsync("last");
        queued.SetResult();

        await first;
        await last;
        await Assert.ThrowsAsync<NotFoundException>(() => throws);
        await Assert.ThrowsAsync<NotFoundException>(() => unsaved);
        await Assert.ThrowsAsync<DbUpdateException>(() => taken);
        Assert.Equal(["first", "last"], await NamesAsync());
    }

    [Fact]
    public async Task Fails_the_whole_batch_when_the_database_has_rolled_it_back()
    {
        var queued = new TaskCompletionSource();
        var before = Sut.RunAsync(
            async (scope, ct) =>
            {
                await queued.Task;
                scope.Db.Add(Somebody("before"));
                await scope.Db.SaveChangesAsync(ct);
                // As a full disk does: SQLite ends the transaction by itself.
                await scope.Db.Database.ExecuteSqlAsync($"ROLLBACK", ct);
            },
            Ct);
        var after = AddAsync("after");
        queued.SetResult();

        await Assert.ThrowsAsync<OverloadedException>(() => before);
        // It starts in a batch of its own.
        await after;
        Assert.Equal(["after"], await NamesAsync());
        Assert.True(Sut.IsHealthy);
    }

    [Fact]
    public async Task Takes_many_at_once_loses_none_and_commits_far_less_often()
    {
        var (commits, writes) = (0, 0);
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<int>((_, size, _, _) =>
        {
            Interlocked.Increment(ref commits);
            Interlocked.Add(ref writes, size);
        });
        var meters = _database.Meters;
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == Writer.MeterName && instrument.Meter.Scope == meters)
                l.EnableMeasurementEvents(instrument);
        };
        listener.Start();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 2000),
            new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Ct },
            async (i, _) => await AddAsync($"n{i}"));
        Assert.Equal(2000, (await NamesAsync()).Count);
        Assert.Equal(2000, writes);
        Assert.InRange(commits, 1, 2000 / 4);
    }

    [Fact]
    public async Task Turns_away_all_who_wait_when_another_process_keeps_the_file_locked_and_recovers()
    {
        await using var other = new SqliteConnection($"Data Source={_database.File.Path};Pooling=False");
        await other.OpenAsync(Ct);
        await using var held = other.BeginTransaction(deferred: false);
        var writes = Enumerable.Range(0, 5).Select(i => AddAsync($"n{i}")).ToList();

        // None waits for the lock again after the first has waited in vain, also if it is free by then.
        await Assert.ThrowsAsync<OverloadedException>(() => writes[0]);
        Assert.False(Sut.IsHealthy);
        await held.RollbackAsync(Ct);
        foreach (var write in writes)
            await Assert.ThrowsAsync<OverloadedException>(() => write);
        await AddAsync("later");
        Assert.Equal(["later"], await NamesAsync());
        Assert.True(Sut.IsHealthy);
    }

    [Fact]
    public async Task Is_not_hindered_by_another_process_that_reads_or_copies_the_file()
    {
        await using var other = new SqliteConnection($"Data Source={_database.File.Path};Mode=ReadOnly;Pooling=False");
        await other.OpenAsync(Ct);
        await using var snapshot = other.BeginTransaction(deferred: true);
        await using var look = other.CreateCommand();
        look.CommandText = "SELECT count(*) FROM Users";
        Assert.Equal(0L, await look.ExecuteScalarAsync(Ct));

        var copying = Task.Run(
            () =>
            {
                using var source = new SqliteConnection(
                    $"Data Source={_database.File.Path};Mode=ReadOnly;Pooling=False");
                using var copy = new SqliteConnection($"Data Source={_database.File.Path}.copy;Pooling=False");
                source.Open();
                copy.Open();
                source.BackupDatabase(copy);
            },
            Ct);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => AddAsync($"n{i}")));
        await copying;
        Assert.Equal(500, (await NamesAsync()).Count);
        Assert.Equal(0L, await look.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Skips_whoever_left_before_it_started_and_turns_away_what_does_not_fit()
    {
        var queued = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        var holding = Sut.RunAsync(
            async (_, _) =>
            {
                running.SetResult();
                await queued.Task;
            },
            Ct);
        await running.Task;

        using var leaving = new CancellationTokenSource();
        var started = false;
        var left = Sut.RunAsync(
            (_, _) =>
            {
                started = true;
                return Task.CompletedTask;
            },
            leaving.Token);
        await leaving.CancelAsync();
        var waiting = Enumerable.Range(0, 1999).Select(i => AddAsync($"n{i}")).ToList();
        await Assert.ThrowsAsync<OverloadedException>(() => AddAsync("too many"));
        queued.SetResult();

        await holding;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.False(started);
        await Task.WhenAll(waiting);
        Assert.Equal(1999, (await NamesAsync()).Count);
    }

    [Fact]
    public async Task Does_what_follows_a_commit_before_its_caller_goes_on_and_only_then()
    {
        var done = 0;
        await Sut.RunAsync((scope, _) => Follow(scope), Ct);
        Assert.Equal(1, done);
        await Assert.ThrowsAsync<NotFoundException>(() => Sut.RunAsync(
            async (scope, _) =>
            {
                await Follow(scope);
                throw new NotFoundException();
            },
            Ct));
        Assert.Equal(1, done);

        Task Follow(WriteScope scope)
        {
            scope.AfterCommit(() =>
            {
                done++;
                return ValueTask.CompletedTask;
            });
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Finishes_what_is_queued_before_it_stops()
    {
        var writes = Enumerable.Range(0, 500).Select(i => AddAsync($"n{i}")).ToList();
        await Sut.StopAsync(Ct);
        await Task.WhenAll(writes);
        Assert.Equal(500, (await NamesAsync()).Count);
        await Assert.ThrowsAsync<OverloadedException>(() => AddAsync("late"));
    }

    [Fact]
    public async Task Leaves_readers_no_way_to_write()
    {
        await using var db = _database.CreateDbContext();
        db.Add(Somebody("reader"));
        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Ct));
    }

    Task AddAsync(string name)
        => Sut.RunAsync(
            (scope, token) =>
            {
                scope.Db.Add(Somebody(name));
                return scope.Db.SaveChangesAsync(token);
            },
            Ct);

    async Task<List<string>> NamesAsync()
    {
        await using var db = _database.CreateDbContext();
        return await db.Users.OrderBy(u => u.Name).Select(u => u.Name).ToListAsync(Ct);
    }

    static User Somebody(string name) => new($"{name}@example.com", name, "hash", Roles.User, DateTimeOffset.UtcNow);
}
