using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Events;

/// <summary>Hands an event to all its handlers; fails when one of them does.</summary>
public delegate Task DeliverEvent(DomainEvent happened, CancellationToken ct);

/// <summary>
/// Delivers what was published: at least once, in order for each entity, again after a pause when a handler fails, and
/// not any more after the last try: such an event is parked, stays in the outbox and no longer holds up those after it.
/// </summary>
public sealed class EventDispatcher(
    IDbContextFactory<AppDb> databases,
    Writer writer,
    OutboxBell bell,
    DeliverEvent deliver,
    TimeProvider clock,
    ILogger<EventDispatcher> logger) : BackgroundService
{
    /// <summary>How often an event is tried before it is parked.</summary>
    public const int MaxAttempts = 10;

    const int BatchSize = 256;

    // Different entities at the same time: their handlers' writes share commits.
    const int Parallelism = 16;

    static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(10);
    static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(30);
    static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(1);

    // What is published meanwhile is delivered together: under load, a look and a commit for many events.
    static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(20);

    /// <summary>Delivers what is due now.</summary>
    /// <returns>How long to wait for more, unless the bell rings.</returns>
    public async Task<TimeSpan> DeliverDueAsync(CancellationToken ct)
    {
        while (true)
        {
            var due = await DueAsync(ct);
            if (due.Count == 0)
                return await UntilNextAsync(ct);
            var delivered = new ConcurrentBag<long>();
            try
            {
                await Parallel.ForEachAsync(
                    due.GroupBy(message => message.Entity),
                    new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = ct },
                    async (ofOneEntity, token) =>
                    {
                        foreach (var message in ofOneEntity)
                        {
                            // The others wait for this one.
                            if (!await DeliverAsync(message, token))
                                break;
                            delivered.Add(message.Id);
                        }
                    });
            }
            finally
            {
                // Also when the program stops or one could not be postponed: what was delivered need not be again.
                await ForgetAsync([.. delivered]);
            }

            if (due.Count < BatchSize)
                await Task.Delay(GatherTime, ct);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await bell.WaitAsync(await DeliverDueAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            // The database is out of order, say. Events wait in it; giving up would leave them there.
            catch (Exception e)
            {
                logger.LogError(e, "Delivering events failed; trying again");
                // Cancelling is how the program stops: not an error.
                await Task.Delay(PauseAfterFault, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // None of an entity with an earlier one that failed and is not due again.
    async Task<List<OutboxMessage>> DueAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var now = clock.GetUtcNow();
        // Later than any delay leads: the clock was set back. Trying early does no harm, waiting for hours would.
        var never = now + MaxDelay;
        return await db.Outbox
            .Where(m => m.ParkedAt == null
                && (m.NextTryAt <= now || m.NextTryAt > never)
                && !db.Outbox.Any(e => e.Entity == m.Entity && e.Id < m.Id && e.ParkedAt == null
                    && e.NextTryAt > now && e.NextTryAt <= never))
            .OrderBy(m => m.Id)
            .Take(BatchSize)
            .ToListAsync(ct);
    }

    async Task<TimeSpan> UntilNextAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var next = await db.Outbox.Where(m => m.ParkedAt == null).MinAsync(m => (DateTimeOffset?)m.NextTryAt, ct);
        var wait = next - clock.GetUtcNow() ?? MaxIdle;
        return wait < TimeSpan.Zero ? TimeSpan.FromMilliseconds(50) : wait < MaxIdle ? wait : MaxIdle;
    }

    // Together: one write for many. A crash before it has them delivered again.
    async Task ForgetAsync(long[] delivered)
    {
        if (delivered.Length > 0)
        {
            await writer.RunAsync(
                (scope, _) =>
                {
                    var forget = scope.Prepare("DELETE FROM Outbox WHERE Id = $id");
                    foreach (var id in delivered)
                        forget.Execute(id);
                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }
    }

    async Task<bool> DeliverAsync(OutboxMessage message, CancellationToken ct)
    {
        try
        {
            var happened = EventTypes.Deserialize(message.Name, message.Payload);
            happened.Origin = new EventOrigin(message.Id, message.RequestId, message.CreatedAt);
            await deliver(happened, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        // Whatever a handler throws, the event is not lost: it is tried again or parked.
        catch (Exception e)
        {
            await PostponeAsync(message, e, ct);
            return false;
        }

        return true;
    }

    async Task PostponeAsync(OutboxMessage message, Exception error, CancellationToken ct)
    {
        var attempts = message.Attempts + 1;
        var now = clock.GetUtcNow();
        DateTimeOffset? parkedAt = attempts >= MaxAttempts ? now : null;
        if (parkedAt is null)
        {
            logger.LogWarning(
                error, "Event {Id} ({Name}) failed {Attempts} times; trying again", message.Id, message.Name, attempts);
        }
        else
        {
            logger.LogError(
                error, "Event {Id} ({Name}) failed {Attempts} times and is parked", message.Id, message.Name, attempts);
        }

        var delay = TimeSpan.FromSeconds(Math.Min(MaxDelay.TotalSeconds, Math.Pow(2, attempts - 1)));
        var reason = $"{error.GetType().Name}: {error.Message}";
        if (reason.Length > OutboxMessage.MaxErrorLength)
            reason = reason[..OutboxMessage.MaxErrorLength];
        await writer.RunAsync(
            (scope, token) => scope.Db.Outbox.Where(m => m.Id == message.Id).ExecuteUpdateAsync(
                m => m.SetProperty(x => x.Attempts, attempts)
                    .SetProperty(x => x.NextTryAt, now + delay)
                    .SetProperty(x => x.ParkedAt, parkedAt)
                    .SetProperty(x => x.LastError, reason),
                token),
            ct);
    }
}
