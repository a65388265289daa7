using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Infrastructure.Persistence;

/// <summary>What the writer makes of a full disk, a failing commit and units of writing that misbehave.</summary>
public sealed class WriterFaultTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Writer Sut => _database.Writer;

    public async ValueTask InitializeAsync()
        => await _database.InitializeAsync(writer: new WriterSettings { QueueLimit = 2000, MaxBatch = 100 });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public Task A_disk_that_is_full_fails_all_that_were_written_together_and_none_of_them_comes_later()
        => FailsTogetherAsync(async (scope, ct) =>
        {
            // No further than it is: the next connection has room again.
            await ExecuteAsync(scope, "PRAGMA max_page_count = 1");
            scope.Db.Add(Somebody("full", new string('n', 1_000_000)));
            await scope.Db.SaveChangesAsync(ct);
        });

    [Fact]
    public Task A_commit_that_fails_fails_all_that_were_written_together_and_none_of_them_comes_later()
        => FailsTogetherAsync(async (scope, ct) =>
        {
            // Found out when it is committed, and not before.
            await ExecuteAsync(scope, "PRAGMA defer_foreign_keys = ON");
            scope.Db.Add(new Session(Guid.CreateVersion7(), "nobody's", DateTimeOffset.UtcNow));
            await scope.Db.SaveChangesAsync(ct);
        });

    [Theory]
    [InlineData("COMMIT")]
    [InlineData("COMMIT; BEGIN")]
    [InlineData("ROLLBACK")]
    [InlineData("ROLLBACK; BEGIN IMMEDIATE")]
    [InlineData("RELEASE item")]
    public async Task Who_ends_the_transaction_is_told_of_a_failure_and_harms_nobody_behind(string sql)
    {
        var queued = new TaskCompletionSource();
        var first = AddAsync("first", async scope =>
        {
            await queued.Task;
            await ExecuteAsync(scope, sql);
        });
        var after = AddAsync("after");
        queued.SetResult();

        await Assert.ThrowsAsync<OverloadedException>(() => first);
        await after;
        await AddAsync("later");
        Assert.Equal(["after", "later"], (await KeysAsync()).Where(key => key != "first"));
        Assert.True(Sut.IsHealthy);
    }

    [Fact]
    public async Task A_reader_that_is_left_open_hinders_nobody()
    {
        for (var round = 0; round < 3; round++)
        {
            var name = $"leaves-{round}";
            await Sut.RunAsync(
                async (scope, ct) =>
                {
                    scope.Db.AddRange(Somebody(name), Somebody($"{name}-too"));
                    await scope.Db.SaveChangesAsync(ct);
                    var reader = await Command(scope, "SELECT Id FROM Users").ExecuteReaderAsync(ct);
                    Assert.True(await reader.ReadAsync(ct));
                },
                Ct);
            await Assert.ThrowsAsync<NotFoundException>(() => Sut.RunAsync(
                async (scope, ct) =>
                {
                    scope.Db.Add(Somebody("refused"));
                    await scope.Db.SaveChangesAsync(ct);
                    var reader = await Command(scope, "SELECT Id FROM Users").ExecuteReaderAsync(ct);
                    Assert.True(await reader.ReadAsync(ct));
                    throw new NotFoundException();
                },
                Ct));
            await AddAsync($"follows-{round}");
        }

        Assert.Equal(9, (await KeysAsync()).Count);
        Assert.DoesNotContain("refused", await KeysAsync());
    }

    [Fact]
    public async Task Whoever_goes_on_finds_on_another_connection_what_was_written()
        => await Parallel.ForEachAsync(
            Enumerable.Range(0, 500),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Ct },
            async (i, ct) =>
            {
                var email = $"n{i}@example.com";
                await AddAsync($"n{i}");
                await using var db = _database.CreateDbContext();
                Assert.True(await db.Users.AnyAsync(u => u.EmailKey == email, ct));
            });

    // Whether they share a batch is a matter of milliseconds: again until they have.
    async Task FailsTogetherAsync(Func<WriteScope, CancellationToken, Task> fault)
    {
        var round = 0;
        await Wait.UntilAsync(async () => await HaveFailedTogetherAsync(fault, round++), "its neighbours fail with it");
        await AddAsync("later");
        Assert.Contains("later", await KeysAsync());
        Assert.True(Sut.IsHealthy);
    }

    async Task<bool> HaveFailedTogetherAsync(Func<WriteScope, CancellationToken, Task> fault, int round)
    {
        var queued = new TaskCompletionSource();
        var followed = new ConcurrentBag<string>();
        var writes = new Dictionary<string, Task>
        {
            [$"first-{round}"] = AddAsync($"first-{round}", async scope =>
            {
                await queued.Task;
                await Follow(scope, $"first-{round}");
            }),
            [$"before-{round}"] = AddAsync($"before-{round}", scope => Follow(scope, $"before-{round}")),
        };
        var faulty = Sut.RunAsync(fault, Ct);
        writes.Add($"after-{round}", AddAsync($"after-{round}", scope => Follow(scope, $"after-{round}")));
        queued.SetResult();

        await Assert.ThrowsAsync<OverloadedException>(() => faulty);
        await Task.WhenAll(writes.Values)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var written = await KeysAsync();
        foreach (var (key, write) in writes)
        {
            Assert.Equal(write.IsCompletedSuccessfully, written.Contains(key));
            Assert.True(write.IsCompletedSuccessfully || write.Exception?.InnerException is OverloadedException);
            Assert.Equal(write.IsCompletedSuccessfully, followed.Contains(key));
        }

        return !writes[$"before-{round}"].IsCompletedSuccessfully;

        Task Follow(WriteScope scope, string key)
        {
            scope.AfterCommit(() =>
            {
                followed.Add(key);
                return ValueTask.CompletedTask;
            });
            return Task.CompletedTask;
        }
    }

    Task AddAsync(string key, Func<WriteScope, Task>? andThen = null)
        => Sut.RunAsync(
            async (scope, token) =>
            {
                scope.Db.Add(Somebody(key));
                await scope.Db.SaveChangesAsync(token);
                await (andThen?.Invoke(scope) ?? Task.CompletedTask);
            },
            Ct);

    async Task<List<string>> KeysAsync()
    {
        await using var db = _database.CreateDbContext();
        var keys = await db.Users.Select(u => u.EmailKey).ToListAsync(Ct);
        return [.. keys.Select(key => key.Split('@')[0]).Order(StringComparer.Ordinal)];
    }

    // Around EF Core, whose commands the writer would dispose with its context.
    static async Task ExecuteAsync(WriteScope scope, string sql)
    {
        await using var command = Command(scope, sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    static SqliteCommand Command(WriteScope scope, string sql)
    {
        var command = ((SqliteConnection)scope.Db.Database.GetDbConnection()).CreateCommand();
        command.Transaction = (SqliteTransaction)scope.Db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText = sql;
        return command;
    }

    static User Somebody(string key, string name = "Somebody")
        => new($"{key}@example.com", name, "hash", Roles.User, DateTimeOffset.UtcNow);
}
