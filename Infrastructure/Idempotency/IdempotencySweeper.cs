using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Idempotency;

/// <summary>Forgets keys whose time is over, a few at a time, so that nobody's write waits for it.</summary>
public sealed class IdempotencySweeper(Writer writer, TimeProvider clock, ILogger<IdempotencySweeper> logger)
    : BackgroundService
{
    /// <summary>How many are forgotten in one go.</summary>
    public const int BatchSize = 200;

    static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(100);

    /// <summary>Forgets at most <see cref="BatchSize"/> keys.</summary>
    /// <returns>How many.</returns>
    public Task<int> SweepAsync(CancellationToken ct)
        => writer.RunAsync(
            (scope, _) => Task.FromResult(scope.Prepare("""
                DELETE FROM IdempotencyKeys WHERE rowid IN
                    (SELECT rowid FROM IdempotencyKeys WHERE ExpiresAt <= $now ORDER BY ExpiresAt LIMIT $limit)
                """).Execute(clock.GetUtcNow().UtcTicks, BatchSize)),
            ct);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                if (await SweepAsync(stoppingToken) == BatchSize)
                    pause = PauseBetweenBatches;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            // The database is out of order or has too much to do. What is left over is swept the next time.
            catch (Exception e)
            {
                logger.LogWarning(e, "Sweeping idempotency keys failed; trying again later");
            }

            // Cancelling is how the program stops: not an error.
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
