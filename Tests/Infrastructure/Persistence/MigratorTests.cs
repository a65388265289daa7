using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Infrastructure.Persistence;

public sealed class MigratorTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string[] Copies => Directory.Exists(_database.Folder.Backups) ? Directory.GetFiles(_database.Folder.Backups) : [];

    public async ValueTask InitializeAsync() => await _database.InitializeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Keeps_a_copy_of_an_older_database_before_it_changes_it()
    {
        var first = await GoBackAsync();
        await DatabaseTool.ExecuteAsync(_database.File.Path, """
            INSERT INTO Users (Id, Email, EmailKey, Name, PasswordHash, Roles, Version, CreatedAt, UpdatedAt)
            VALUES (x'01', 'ada@example.com', 'ada@example.com', 'Ada', 'hash', 1, 1, 0, 0)
            """);

        await _database.MigrateAsync();

        Assert.Contains("Accounts", Tables(_database.File.Path));
        var copy = Assert.Single(Copies);
        Assert.DoesNotContain("Accounts", Tables(copy));
        using var kept = DatabaseCheck.OpenToRead(copy);
        Assert.Empty(DatabaseCheck.Integrity(kept));
        using var users = new SqliteCommand("SELECT Email FROM Users", kept);
        Assert.Equal("ada@example.com", users.ExecuteScalar());
        Assert.DoesNotContain(first, Path.GetFileName(copy), StringComparison.Ordinal);

        // Nothing is left to do, so nothing is kept; and a second try keeps the newer state under the same name.
        await _database.MigrateAsync();
        Assert.Single(Copies);
        await GoBackAsync();
        await DatabaseTool.ExecuteAsync(_database.File.Path, "UPDATE Users SET Email = 'eva@example.com'");
        await _database.MigrateAsync();
        using var again = DatabaseCheck.OpenToRead(Assert.Single(Copies));
        using var latest = new SqliteCommand("SELECT Email FROM Users", again);
        Assert.Equal("eva@example.com", latest.ExecuteScalar());
    }

    [Fact]
    public async Task Changes_nothing_when_no_copy_can_be_kept()
    {
        await GoBackAsync();
        await File.WriteAllTextAsync(_database.Folder.Backups, "a file where the folder has to be", Ct);
        var error = await Assert.ThrowsAsync<StartupException>(_database.MigrateAsync);
        Assert.Contains(_database.Folder.Backups, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Accounts", Tables(_database.File.Path));
    }

    [Fact]
    public async Task Leaves_the_copy_of_an_earlier_try_where_it_is_until_there_is_a_newer_one()
    {
        await GoBackAsync();
        await _database.MigrateAsync();
        await GoBackAsync();
        var copy = Assert.Single(Copies);
        var before = await File.ReadAllBytesAsync(copy, Ct);
        // Where the newer one is written until it is whole.
        var obstacle = Directory.CreateDirectory($"{copy}.{Environment.ProcessId}.tmp");
        await Assert.ThrowsAsync<StartupException>(_database.MigrateAsync);
        Assert.Equal(before, await File.ReadAllBytesAsync(Assert.Single(Copies), Ct));
        obstacle.Delete();
        await _database.MigrateAsync();
        Assert.Single(Copies);
    }

    [Fact]
    public async Task Goes_on_where_it_began_after_it_failed_midway()
    {
        await GoBackAsync();
        var before = Tables(_database.File.Path);
        // One of the last tables that it makes.
        await DatabaseTool.ExecuteAsync(_database.File.Path, "CREATE TABLE OrderLines (Id INTEGER)");
        var error = await Assert.ThrowsAsync<StartupException>(_database.MigrateAsync);
        Assert.Contains("OrderLines", error.Message, StringComparison.Ordinal);
        await DatabaseTool.ExecuteAsync(_database.File.Path, "DROP TABLE OrderLines");
        Assert.Equal(before, Tables(_database.File.Path));
        await _database.MigrateAsync();
        Assert.Contains("OrderLines", Tables(_database.File.Path));
    }

    [Fact]
    public void Keeps_no_copy_of_a_new_database() => Assert.Empty(Copies);

    // To the first migration's schema, as an earlier version of the program would have left it.
    async Task<string> GoBackAsync()
    {
        using var connection = _database.File.OpenWriter();
        await using var db = new AppDb(_database.File.Options(connection));
        var first = db.Database.GetMigrations().First();
        await db.GetService<IMigrator>().MigrateAsync(first, Ct);
        return first;
    }

    static List<string> Tables(string file)
    {
        using var connection = DatabaseCheck.OpenToRead(file);
        using var command = new SqliteCommand("SELECT name FROM sqlite_master WHERE type = 'table'", connection);
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }
}
