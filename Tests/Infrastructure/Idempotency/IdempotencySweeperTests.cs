using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SliceApi.Infrastructure.Idempotency;
using Tests.Infrastructure.Persistence;

namespace Tests.Infrastructure.Idempotency;

public sealed class IdempotencySweeperTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();
    readonly FakeClock _clock = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.InitializeAsync(_clock);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Forgets_what_has_expired_a_batch_at_a_time()
    {
        await AddAsync(IdempotencySweeper.BatchSize + 10, expires: _clock.GetUtcNow());
        await AddAsync(5, expires: _clock.GetUtcNow() + TimeSpan.FromTicks(1));
        using var sweeper = new IdempotencySweeper(_database.Writer, _clock, NullLogger<IdempotencySweeper>.Instance);
        Assert.Equal(IdempotencySweeper.BatchSize, await sweeper.SweepAsync(Ct));
        Assert.Equal(10, await sweeper.SweepAsync(Ct));
        Assert.Equal(0, await sweeper.SweepAsync(Ct));
        await using var db = _database.CreateDbContext();
        Assert.Equal(5, await db.IdempotencyKeys.CountAsync(Ct));
    }

    [Fact]
    public async Task Sweeps_by_itself_batch_after_batch_also_after_a_fault()
    {
        await ExecuteAsync("ALTER TABLE IdempotencyKeys RENAME TO Gone");
        using var sweeper = new IdempotencySweeper(_database.Writer, _clock, NullLogger<IdempotencySweeper>.Instance);
        await sweeper.StartAsync(Ct);
        await Wait.UntilAsync(() => Task.FromResult(_clock.Timers > 0), "it has failed");
        await ExecuteAsync("ALTER TABLE Gone RENAME TO IdempotencyKeys");
        await AddAsync(IdempotencySweeper.BatchSize + 10, expires: _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(10));
        await LeftAsync(10);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await LeftAsync(0);
        await AddAsync(5, expires: _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(10));
        await LeftAsync(0);
        await sweeper.StopAsync(Ct);
    }

    [Fact]
    public async Task A_key_counts_until_the_moment_it_expires_swept_or_not()
    {
        var once = new OnceWriter(_database.Writer, _clock);
        var effects = 0;
        Task<Answer> RunAsync() => once.RunAsync(
            Request("the-one-key"), (_, _) => Task.FromResult(Reply.Done(++effects)), Ct);

        await RunAsync();
        _clock.Advance(IdempotentRequest.Keep - TimeSpan.FromTicks(1));
        Assert.True((await RunAsync()).IsReplayed);
        Assert.Equal(1, effects);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.False((await RunAsync()).IsReplayed);
        Assert.Equal(2, effects);
        Assert.True((await RunAsync()).IsReplayed);
    }

    [Fact]
    public async Task Keeps_nothing_of_what_failed_in_an_unforeseen_way()
    {
        var once = new OnceWriter(_database.Writer, _clock);
        await Assert.ThrowsAsync<InvalidOperationException>(() => once.RunAsync<int>(
            Request("the-one-key"), (_, _) => throw new InvalidOperationException(), Ct));
        var answer = await once.RunAsync(Request("the-one-key"), (_, _) => Task.FromResult(Reply.Done(1)), Ct);
        Assert.False(answer.IsReplayed);
    }

    // And the next time is waited for.
    Task LeftAsync(int count)
        => Wait.UntilAsync(
            async () =>
            {
                await using var db = _database.CreateDbContext();
                return _clock.Timers > 0 && await db.IdempotencyKeys.CountAsync(Ct) == count;
            },
            $"{count} keys are left");

    Task ExecuteAsync(string sql)
        => _database.Writer.RunAsync((scope, ct) => scope.Db.Database.ExecuteSqlRawAsync(sql, ct), Ct);

    IdempotentRequest Request(string key)
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(_clock).BuildServiceProvider(),
            User = new([new([new("sub", "0199c0de-0000-7000-8000-000000000001")])]),
        };
        context.Request.Headers[IdempotentRequest.Header] = key;
        return IdempotentRequest.Of(context, new { }, IdempotentRequest.Keep);
    }

    Task AddAsync(int count, DateTimeOffset expires)
        => _database.Writer.RunAsync(
            (scope, _) => Task.FromResult(scope.Prepare("""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $count)
                INSERT INTO IdempotencyKeys (UserId, Key, Fingerprint, Status, RequestId, Body, ExpiresAt)
                SELECT x'00', $expires || '-' || i, x'00', 200, 'r', x'00', $expires FROM n
                """).Execute(count, expires.UtcTicks)),
            Ct);
}
