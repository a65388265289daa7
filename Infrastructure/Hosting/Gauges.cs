using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>What is waiting where. A gauge is read when a listener asks; until then it does nothing.</summary>
sealed class Gauges(
    IMeterFactory meters,
    Writer writer,
    PasswordHasher passwords,
    IDbContextFactory<AppDb> databases,
    SqliteFile file,
    TimeProvider clock) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        meters.Create(Writer.MeterName).CreateObservableGauge(
            "sliceapi.writer.queue_length", () => writer.QueueLength, "{write}", "Writes that wait for a batch.");
        meters.Create("SliceApi.Passwords").CreateObservableGauge(
            "sliceapi.passwords.queue_length", () => passwords.Inside, "{hash}", "Hashes that are made or wait to be.");
        var outbox = meters.Create("SliceApi.Outbox");
        outbox.CreateObservableGauge(
            "sliceapi.outbox.oldest_age",
            OldestAge,
            "s",
            "How long the oldest event that is not parked has been waiting.");
        outbox.CreateObservableGauge(
            "sliceapi.outbox.waiting", () => Count(parked: false), "{event}", "Events that are not delivered yet.");
        outbox.CreateObservableGauge(
            "sliceapi.outbox.parked", () => Count(parked: true), "{event}", "Events that were given up.");
        meters.Create("SliceApi.Database").CreateObservableGauge(
            "sliceapi.database.wal_size", WalSize, "By", "The write-ahead log's size.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    double OldestAge()
    {
        using var db = databases.CreateDbContext();
        // The lowest id is the oldest.
        var oldest = db.Outbox.Where(m => m.ParkedAt == null).OrderBy(m => m.Id)
            .Select(m => (DateTimeOffset?)m.CreatedAt).FirstOrDefault();
        return oldest is { } since ? Math.Max(0, (clock.GetUtcNow() - since).TotalSeconds) : 0;
    }

    int Count(bool parked)
    {
        using var db = databases.CreateDbContext();
        return db.Outbox.Count(m => (m.ParkedAt != null) == parked);
    }

    long WalSize() => new FileInfo(file.Path + "-wal") is { Exists: true } wal ? wal.Length : 0;
}
