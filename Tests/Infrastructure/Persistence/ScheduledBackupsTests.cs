using Microsoft.Extensions.Logging.Abstractions;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Infrastructure.Persistence;

public sealed class ScheduledBackupsTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();
    readonly FakeClock _clock = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Folder => Path.Combine(Path.GetDirectoryName(_database.File.Path)!, "backups");

    public async ValueTask InitializeAsync() => await _database.InitializeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public void Keep_the_last_ones()
    {
        using var backups = Backups(everyHours: 1, keep: 2);
        var made = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            made.Add(backups.Make(Ct));
            _clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(made[^2..], Directory.GetFiles(Folder).Order());
        using var newest = DatabaseCheck.OpenToRead(made[^1]);
        Assert.Empty(DatabaseCheck.Integrity(newest));
    }

    [Fact]
    public void Take_away_what_a_server_that_was_killed_had_begun_and_nothing_else()
    {
        Directory.CreateDirectory(Folder);
        foreach (var name in new[] { "sliceapi-20260101-000000.db.1.tmp", "of-somebody.db.1.tmp" })
            File.WriteAllText(Path.Combine(Folder, name), "half of it");
        using var backups = Backups(everyHours: 1, keep: 1);
        Assert.Equal(
            ["of-somebody.db.1.tmp", Path.GetFileName(backups.Make(Ct))],
            Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Keep_the_last_ones_although_the_clock_was_ahead()
    {
        using var backups = Backups(everyHours: 1, keep: 2);
        _clock.SetWallClock(TimeSpan.FromDays(365));
        for (var i = 0; i < 2; i++)
        {
            backups.Make(Ct);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        _clock.SetWallClock(TimeSpan.FromDays(-365));
        var first = backups.Make(Ct);
        Assert.Contains(first, Directory.GetFiles(Folder));
        _clock.Advance(TimeSpan.FromHours(1));
        var second = backups.Make(Ct);
        Assert.Equal([first, second], Directory.GetFiles(Folder).Order());
    }

    [Fact]
    public async Task Are_made_when_their_time_has_come()
    {
        using var backups = Backups(everyHours: 2, keep: 9);
        await backups.StartAsync(Ct);
        await UntilAsync(1);
        _clock.Advance(TimeSpan.FromMinutes(119));
        Assert.Single(Directory.GetFiles(Folder));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(2);
        await backups.StopAsync(Ct);
    }

    [Theory]
    [InlineData(-30, 90)]
    // The clock was set back.
    [InlineData(600, 120)]
    public async Task Are_due_after_the_last_one_whoever_made_it(int lastMadeIn, int due)
    {
        Directory.CreateDirectory(Folder);
        var last = Path.Combine(Folder, "sliceapi-20240101-000000.db");
        await File.WriteAllTextAsync(last, "", Ct);
        File.SetLastWriteTimeUtc(last, _clock.GetUtcNow().UtcDateTime.AddMinutes(lastMadeIn));
        using var backups = Backups(everyHours: 2, keep: 9);
        await backups.StartAsync(Ct);
        await UntilAsync(1);
        _clock.Advance(TimeSpan.FromMinutes(due) - TimeSpan.FromTicks(1));
        Assert.Equal(1, _clock.Timers);
        _clock.Advance(TimeSpan.FromTicks(1));
        await UntilAsync(2);
        await backups.StopAsync(Ct);
    }

    [Fact]
    public async Task Are_tried_again_soon_when_one_could_not_be_made()
    {
        // Where the folder should be.
        await File.WriteAllTextAsync(Folder, "", Ct);
        using var backups = Backups(everyHours: 2, keep: 9);
        await backups.StartAsync(Ct);
        await Wait.UntilAsync(() => Task.FromResult(_clock.Timers > 0), "the first try is over");
        File.Delete(Folder);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await UntilAsync(1);
        await backups.StopAsync(Ct);
    }

    [Fact]
    public async Task Are_not_made_unless_they_are_wanted()
    {
        using var backups = Backups(everyHours: 0, keep: 9);
        await backups.StartAsync(Ct);
        await backups.ExecuteTask!;
        Assert.False(Directory.Exists(Folder));
    }

    // The file is there under its name only when it is whole; and the next one is waited for then.
    Task UntilAsync(int count)
        => Wait.UntilAsync(
            () => Task.FromResult(Directory.Exists(Folder)
                && Directory.GetFiles(Folder, "*.db").Length == count && _clock.Timers > 0),
            $"{count} backups are made");

    ScheduledBackups Backups(int everyHours, int keep)
        => new(
            new Settings { Backups = new BackupSettings { EveryHours = everyHours, Keep = keep } },
            _database.Folder,
            _clock,
            NullLogger<ScheduledBackups>.Instance);
}
