using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Makes backups while the server runs and keeps the last. Only if <c>Backups:EveryHours</c> is set.</summary>
public sealed class ScheduledBackups(
    Settings settings, DataFolder folder, TimeProvider clock, ILogger<ScheduledBackups> logger) : BackgroundService
{
    const string Pattern = "sliceapi-*.db";

    static readonly TimeSpan PauseAfterFault = TimeSpan.FromMinutes(5);

    TimeSpan Interval => TimeSpan.FromHours(settings.Backups.EveryHours);

    /// <summary>Makes a backup now and deletes those that are too many, if it may.</summary>
    /// <returns>The new file.</returns>
    /// <exception cref="StartupException">It could not be made; the message says why.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">As before: the server may not.</exception>
    public string Make(CancellationToken ct)
    {
        DataFolder.MakeFolder(folder.Backups);
        var file = Path.Combine(folder.Backups, $"sliceapi-{clock.GetUtcNow():yyyyMMdd-HHmmss}.db");
        var stray = DatabaseBackup.Make(folder.DatabaseFile, file, null, ct).Stray;
        if (stray.Count > 0)
            logger.LogError("The backup {File} is as broken as the database: {Stray}", file, stray);
        DeleteOld(file);
        return file;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Backups.EveryHours == 0)
            return;
        var pause = UntilNext();
        while (true)
        {
            // Cancelling is how the program stops: not an error.
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
                return;
            try
            {
                // Copying works a disk and a processor for a while: not on a thread that requests wait for.
                var file = await Task.Factory.StartNew(
                    () => Make(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                logger.LogInformation("Made the backup {File}", file);
                pause = Interval;
            }
            // What escapes from here would end the server.
            catch (Exception e) when (e is StartupException or IOException or UnauthorizedAccessException)
            {
                logger.LogError(e, "A scheduled backup could not be made; trying again");
                pause = PauseAfterFault;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    void DeleteOld(string newest)
    {
        try
        {
            // Later than the newest: made while the clock was ahead, and older than it.
            var made = Directory.GetFiles(folder.Backups, Pattern)
                .OrderBy(file => string.CompareOrdinal(file, newest) <= 0)
                .ThenBy(file => file, StringComparer.Ordinal);
            // And what a server that was killed meanwhile had begun.
            var begun = Directory.GetFiles(folder.Backups, $"{Pattern}.*.tmp");
            foreach (var old in made.SkipLast(settings.Backups.Keep).Concat(begun))
                File.Delete(old);
        }
        // The new one is there. Whoever made another soon would fill the disk.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogError(e, "Old backups could not be deleted; trying again after the next one");
        }
    }

    // From the last one on, however often the server was started since.
    TimeSpan UntilNext()
    {
        try
        {
            var last = Directory.Exists(folder.Backups)
                ? Directory.GetFiles(folder.Backups, Pattern).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max()
                : default;
            var due = last + Interval - clock.GetUtcNow().UtcDateTime;
            return due < TimeSpan.Zero ? TimeSpan.Zero : due < Interval ? due : Interval;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogError(e, "The folder {Folder} cannot be read; a backup is made soon", folder.Backups);
            return PauseAfterFault;
        }
    }
}
