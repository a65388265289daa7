using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Persistence.Entities;
using Tests.Infrastructure.Persistence;

namespace Tests.Infrastructure.Events;

/// <summary>The dispatcher alone, with handlers that fail when the test says so.</summary>
public sealed class EventDispatcherTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();
    readonly ConcurrentQueue<DomainEvent> _delivered = new();
    readonly FakeClock _clock = new();
    Func<DomainEvent, bool> _fails = _ => false;
    EventDispatcher _dispatcher = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync(_clock);
        _dispatcher = new EventDispatcher(
            _database, _database.Writer, _database.Bell, DeliverAsync, _clock, NullLogger<EventDispatcher>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _dispatcher.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Delivers_each_event_and_forgets_it()
    {
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await PublishAsync(one, other);
        await _dispatcher.DeliverDueAsync(Ct);
        Assert.Equal(new[] { one, other }.Order(), _delivered.Select(e => e.Entity).Order());
        Assert.All(_delivered, e => Assert.NotEqual(0, e.Origin.Id));
        Assert.Empty(await OutboxAsync());
    }

    [Fact]
    public async Task Publishes_nothing_for_a_write_that_fails()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _database.Writer.RunAsync(
            (scope, _) =>
            {
                scope.Publish(new UserCreated(Guid.CreateVersion7()));
                throw new InvalidDataException();
            },
            Ct));
        Assert.Empty(await OutboxAsync());
    }

    [Fact]
    public async Task Rings_after_the_commit()
    {
        await PublishAsync(Guid.CreateVersion7());
        await _database.Bell.WaitAsync(Timeout.InfiniteTimeSpan, Ct);
    }

    [Fact]
    public async Task Tries_again_after_a_pause_that_grows()
    {
        _fails = _ => true;
        await PublishAsync(Guid.CreateVersion7());
        foreach (var pause in new[] { 1, 2, 4, 8 })
        {
            var wait = await _dispatcher.DeliverDueAsync(Ct);
            Assert.Equal(TimeSpan.FromSeconds(pause), wait);
            var tries = _delivered.Count;
            _clock.Advance(wait - TimeSpan.FromMilliseconds(1));
            await _dispatcher.DeliverDueAsync(Ct);
            Assert.Equal(tries, _delivered.Count);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        _fails = _ => false;
        await _dispatcher.DeliverDueAsync(Ct);
        Assert.Equal(5, _delivered.Count);
        Assert.Empty(await OutboxAsync());
    }

    [Fact]
    public async Task Keeps_the_order_of_an_entitys_events_and_lets_no_other_wait()
    {
        var (failing, fine) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        _fails = e => e.Entity == failing;
        await PublishAsync(failing, failing, fine, fine);
        await _dispatcher.DeliverDueAsync(Ct);
        Assert.Equal(2, _delivered.Count(e => e.Entity == fine));
        Assert.Equal(1, _delivered.Count(e => e.Entity == failing));

        _fails = _ => false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _dispatcher.DeliverDueAsync(Ct);
        var ids = _delivered.Where(e => e.Entity == failing).Select(e => e.Origin.Id).ToList();
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Empty(await OutboxAsync());
    }

    [Fact]
    public async Task Parks_what_fails_to_the_end_where_it_can_be_seen_and_goes_on_with_the_next()
    {
        var entity = Guid.CreateVersion7();
        await PublishAsync(entity, entity);
        var first = (await OutboxAsync())[0].Id;
        _fails = e => e.Origin.Id == first;
        for (var attempt = 0; attempt < EventDispatcher.MaxAttempts; attempt++)
        {
            _clock.Advance(TimeSpan.FromMinutes(10));
            await _dispatcher.DeliverDueAsync(Ct);
        }

        // At once: it waits no longer for the first.
        await _dispatcher.DeliverDueAsync(Ct);
        var parked = Assert.Single(await OutboxAsync());
        Assert.Equal(first, parked.Id);
        Assert.Equal(EventDispatcher.MaxAttempts, parked.Attempts);
        Assert.NotNull(parked.ParkedAt);
        Assert.Contains("It fails", parked.LastError, StringComparison.Ordinal);
        Assert.Equal(OutboxMessage.MaxErrorLength, parked.LastError!.Length);
        Assert.Contains(_delivered, e => e.Origin.Id > first);
    }

    [Fact]
    public async Task Goes_on_when_the_database_is_in_order_again()
    {
        var user = Guid.CreateVersion7();
        await PublishAsync(user);
        await ExecuteAsync($"ALTER TABLE Outbox RENAME TO Gone");
        await _dispatcher.StartAsync(Ct);
        await Wait.UntilAsync(() => Task.FromResult(_clock.Timers > 0), "it has failed");
        await ExecuteAsync($"ALTER TABLE Gone RENAME TO Outbox");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(async () => (await OutboxAsync()).Count == 0, "the event is delivered");
        Assert.Equal(user, Assert.Single(_delivered).Entity);
        await _dispatcher.StopAsync(Ct);
    }

    [Fact]
    public async Task Parks_what_it_cannot_read()
    {
        await ExecuteAsync($"""
            INSERT INTO Outbox (Entity, Name, Payload, CreatedAt, Attempts, NextTryAt)
            VALUES (randomblob(16), 'from.the_future', '', 0, 9, 0)
            """);
        await _dispatcher.DeliverDueAsync(Ct);
        Assert.NotNull(Assert.Single(await OutboxAsync()).ParkedAt);
    }

    [Fact]
    public async Task Waits_no_hour_when_the_clock_is_set_back()
    {
        _fails = _ => true;
        await PublishAsync(Guid.CreateVersion7());
        await _dispatcher.DeliverDueAsync(Ct);
        _fails = _ => false;
        _clock.SetWallClock(TimeSpan.FromHours(-1));
        await _dispatcher.DeliverDueAsync(Ct);
        Assert.Empty(await OutboxAsync());
    }

    Task DeliverAsync(DomainEvent happened, CancellationToken ct)
    {
        _delivered.Enqueue(happened);
        return _fails(happened)
            ? throw new InvalidDataException("It fails." + new string('!', OutboxMessage.MaxErrorLength))
            : Task.CompletedTask;
    }

    Task ExecuteAsync(FormattableString sql)
        => _database.Writer.RunAsync((scope, ct) => scope.Db.Database.ExecuteSqlAsync(sql, ct), Ct);

    async Task PublishAsync(params Guid[] users)
    {
        foreach (var user in users)
        {
            await _database.Writer.RunAsync(
                (scope, _) =>
                {
                    scope.Publish(new UserCreated(user));
                    return Task.CompletedTask;
                },
                Ct);
        }
    }

    async Task<List<OutboxMessage>> OutboxAsync()
    {
        await using var db = _database.CreateDbContext();
        return await db.Outbox.OrderBy(m => m.Id).ToListAsync(Ct);
    }
}
