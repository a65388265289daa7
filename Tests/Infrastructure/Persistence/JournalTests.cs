using Microsoft.Data.Sqlite;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Infrastructure.Persistence;

/// <summary>A journal that is cut short or damaged ends history earlier; it changes nothing in it.</summary>
public sealed class JournalTests : IAsyncLifetime
{
    const int Commits = 60;
    const int Damages = 40;

    readonly TestDatabase _database = new();
    readonly string _folder = TestFolder.New();
    readonly int _seed = Random.Shared.Next();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Copy => Path.Combine(_folder, "sliceapi.db");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        await _database.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        TestFolder.Delete(_folder);
    }

    [Fact]
    public async Task Whatever_is_left_of_it_is_how_things_once_were()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {_seed}");
        for (var i = 0; i < Commits; i++)
        {
            var user = new User($"{i}@example.com", "Ada", "hash", Roles.User, DateTimeOffset.UtcNow);
            await _database.Writer.RunAsync(
                async (scope, ct) =>
                {
                    scope.Db.Add(user);
                    await scope.Db.SaveChangesAsync(ct);
                },
                Ct);
        }

        // As a kill leaves them: the writer has nothing to do, and closes nothing. The index beside them is made anew.
        var database = await ReadAsync(_database.File.Path);
        var journal = await ReadAsync(_database.File.Path + "-wal");
        Assert.Equal(Commits, await OpenAsync(database, journal));

        var random = new Random(_seed);
        var found = new HashSet<int>();
        for (var i = 0; i < Damages; i++)
        {
            var place = random.Next(journal.Length);
            found.Add(await OpenAsync(database, journal[..place]));
            var damaged = journal.ToArray();
            damaged[place] ^= 0x40;
            found.Add(await OpenAsync(database, damaged));
        }

        Assert.True(found.Count > 5, "The journal was damaged at many places, and it made no difference where.");
        // It is not there at all: what was in it alone is gone, as README says, and the rest is whole.
        Assert.Equal(0, await OpenAsync(database, []));
    }

    // How many there are: the first ones, and no other.
    async Task<int> OpenAsync(byte[] database, byte[] journal)
    {
        foreach (var file in Directory.GetFiles(_folder))
            File.Delete(file);
        await File.WriteAllBytesAsync(Copy, database, Ct);
        await File.WriteAllBytesAsync(Copy + "-wal", journal, Ct);
        using var connection = DatabaseCheck.OpenToRead(Copy);
        Assert.Empty(DatabaseCheck.Integrity(connection));
        Assert.Empty(DatabaseCheck.References(connection));
        using var command = new SqliteCommand("SELECT Email FROM Users ORDER BY CreatedAt, Id", connection);
        using var reader = command.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
            Assert.Equal($"{count}@example.com", reader.GetString(0));
        return count;
    }

    static async Task<byte[]> ReadAsync(string path)
    {
        const FileShare others = FileShare.ReadWrite | FileShare.Delete;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, others);
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, Ct);
        return bytes.ToArray();
    }
}
