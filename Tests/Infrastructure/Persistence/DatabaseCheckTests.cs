using Microsoft.Data.Sqlite;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Infrastructure.Persistence;

/// <summary>What is damaged is found by the check that is there for it, and is neither copied nor restored.</summary>
public sealed class DatabaseCheckTests : IAsyncLifetime
{
    // The index's pages belong to nothing any more.
    const string Torn = "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'IX_Accounts_UserId_Id'";

    const string Unchecked = "PRAGMA ignore_check_constraints = ON; "
        + "INSERT INTO Products (Id, Sku, Name, PriceMinor, Currency, Stock, Version, CreatedAt, UpdatedAt) "
        + "VALUES (randomblob(16), 'A', 'A', 1, 'EUR', -1, 1, 0, 0)";

    const string Orphan = "PRAGMA foreign_keys = OFF; "
        + "INSERT INTO Accounts (Id, Kind, UserId, Name, Currency, BalanceMinor, EntryCount, CreatedAt) "
        + "VALUES (randomblob(16), 1, randomblob(16), 'A', 'EUR', 0, 0, 0)";

    const string Miscounted = "INSERT INTO Accounts (Id, Kind, Name, Currency, BalanceMinor, EntryCount, CreatedAt) "
        + "VALUES (randomblob(16), 3, 'Shop', 'EUR', 5, 0, 0)";

    const string Parked = "INSERT INTO Outbox (Entity, Name, Payload, CreatedAt, Attempts, NextTryAt, ParkedAt) "
        + "VALUES (x'01', 'a', '{}', 0, 10, 0, 1)";

    readonly TestDatabase _database = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Copy => _database.Folder.File("copy.db");

    public async ValueTask InitializeAsync() => await _database.InitializeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("file", Torn)]
    [InlineData("file", Unchecked)]
    [InlineData("references", Orphan)]
    [InlineData("ledger", Miscounted)]
    [InlineData("outbox", Parked)]
    public async Task Each_damage_is_found_by_its_own_check(string what, string damage)
    {
        Assert.All(DatabaseCheck.Run(_database.File.Path), check => Assert.Empty(check.Found));
        await DatabaseTool.ExecuteAsync(_database.File.Path, damage);
        Assert.Equal(
            [what],
            DatabaseCheck.Run(_database.File.Path).Where(check => check.Found.Count > 0).Select(check => check.What));
    }

    [Fact]
    public async Task Looking_changes_nothing()
    {
        var path = _database.File.Path;
        await DatabaseTool.ExecuteAsync(path, Parked);
        var folder = TestFolder.New();
        Directory.CreateDirectory(folder);
        // As a killed server leaves them: what was written last is in the journal only.
        foreach (var part in new[] { "", "-wal" })
            File.Copy(path + part, Path.Combine(folder, "copy.db") + part);
        var (file, journal) = (Path.Combine(folder, "copy.db"), Path.Combine(folder, "copy.db-wal"));
        var before = (await File.ReadAllBytesAsync(file, Ct), await File.ReadAllBytesAsync(journal, Ct));
        Assert.NotEmpty(before.Item2);

        Assert.Single(DatabaseCheck.Run(file), check => check.Found.Count > 0);
        using (var connection = DatabaseCheck.OpenToRead(file))
        using (var write = new SqliteCommand("DELETE FROM Outbox", connection))
            Assert.Throws<SqliteException>(() => write.ExecuteNonQuery());

        Assert.Equal(before.Item1, await File.ReadAllBytesAsync(file, Ct));
        Assert.Equal(before.Item2, await File.ReadAllBytesAsync(journal, Ct));
        TestFolder.Delete(folder);
    }

    [Theory]
    [InlineData(Torn)]
    [InlineData(Unchecked)]
    public async Task What_is_damaged_is_not_copied(string damage)
    {
        await DatabaseTool.ExecuteAsync(_database.File.Path, damage);
        var error = Assert.Throws<StartupException>(() => DatabaseBackup.Make(_database.File.Path, Copy, null, Ct));
        Assert.Contains("not whole", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_database.Folder.Path, "copy.db*"));
    }

    [Theory]
    [InlineData(Torn)]
    [InlineData(Unchecked)]
    [InlineData(Orphan)]
    public async Task What_is_damaged_is_not_restored(string damage)
    {
        DatabaseBackup.Make(_database.File.Path, Copy, null, Ct);
        await DatabaseTool.ExecuteAsync(Copy, damage);
        var error = Assert.Throws<StartupException>(() => DatabaseRestore.Run(Copy, _database.Folder, Ct));
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
    }
}
