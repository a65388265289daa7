using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tests.Infrastructure.Hosting;

/// <summary>A restore that is killed midway, over a database whose server was killed, too.</summary>
[Trait("Category", "Fault")]
public sealed class RestoreTests : IDisposable
{
    readonly string _killed = TestFolder.New();
    readonly string _backup = TestFolder.New();
    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Database => Path.Combine(_folder, "sliceapi.db");

    string[] Unfinished => [Path.Combine(_folder, "restoring.tmp"), Path.Combine(_folder, "before-restore.tmp")];

    public void Dispose()
    {
        File.Delete(_backup);
        TestFolder.Delete(_killed);
        TestFolder.Delete(_folder);
    }

    [Fact]
    public async Task Leaves_the_old_database_or_the_new_one_whole_wherever_it_is_killed()
    {
        await using (var server = await ServerProcess.StartAsync(_killed))
        {
            await RegisterAsync(server, "early@example.com");
            var (code, output) = await ServerProcess.CommandAsync(_killed, "", "backup", _backup);
            Assert.True(code == 0, output);
            await RegisterAsync(server, "since@example.com");
            await Wait.UntilAsync(CheckpointedAsync, "the journal is empty");
            // This one is in the journal only.
            await RegisterAsync(server, "late@example.com");
            await server.KillAsync();
        }

        var (found, ended) = (new HashSet<string>(), false);
        for (var step = 1; !ended; step++)
        {
            Assert.True(step < 30, "It has fewer steps.");
            Copy(_killed, _folder);
            // What one that was killed before has left behind is in nobody's way.
            foreach (var unfinished in Unfinished)
                File.WriteAllText(unfinished, "half a database");
            // At the first of all calls that delete or rename database, journal or a copy, then at the second, ...
            string[] paths = [Database, $"{Database}-wal", .. Unfinished];
            ended = await RestoreAsync(
                [
                    .. paths.SelectMany(path => new[] { "-P", path }),
                    "-e", "trace=unlink,rename",
                    "-e", $"inject=unlink,rename:signal=SIGKILL:when={step}",
                ]);
            var there = new Bank(_folder, 0);
            Assert.Equal("ok", there.Text("PRAGMA integrity_check"));
            var kept = Directory.GetFiles(_folder, "*.before-restore-*");
            foreach (var aside in kept.Where(file => !file.EndsWith("-wal")))
                Assert.Equal(3, Users(aside));
            found.Add(there.Text("SELECT group_concat(Email, ' ') FROM (SELECT Email FROM Users ORDER BY CreatedAt)")!);
        }

        Assert.Equal(["early@example.com since@example.com late@example.com", "early@example.com"], found);
        Assert.DoesNotContain(Unfinished, File.Exists);
    }

    // Whether it came to its end.
    async Task<bool> RestoreAsync(params string[] tracing)
    {
        string[] starter = [Programs.Require("strace"), "-f", "-o", "/dev/null", .. tracing];
        var (code, output) = await ServerProcess.CommandByAsync(starter, _folder, "restore", _backup);
        // strace ends as what it traces has: by the signal.
        const int killed = 128 + 9;
        Assert.True(code is 0 or killed, output);
        return code == 0;
    }

    async Task<bool> CheckpointedAsync()
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_killed, "sliceapi.db")};Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = new SqliteCommand("PRAGMA wal_checkpoint(TRUNCATE)", connection);
        return await command.ExecuteScalarAsync(Ct) is 0L;
    }

    static long Users(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand("SELECT count(*) FROM Users", connection);
        return (long)command.ExecuteScalar()!;
    }

    static void Copy(string from, string to)
    {
        TestFolder.Delete(to);
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    static async Task RegisterAsync(ServerProcess server, string email)
    {
        var body = JsonSerializer.Serialize(new { email, password = "a fine password", name = "Ada" });
        var response = await server.Client.PostAsync("/api/v1/auth/register", Requests.Json(body), Ct);
        await response.DataAsync(HttpStatusCode.Created);
    }
}
