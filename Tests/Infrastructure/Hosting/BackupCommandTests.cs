using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tests.Infrastructure.Hosting;

/// <summary><c>backup</c> and <c>restore</c>, run as from a shell.</summary>
public sealed class BackupCommandTests : IDisposable
{
    const string Email = "root@example.com";
    const string Password = "a fine password";

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Database => Path.Combine(_folder, "sliceapi.db");

    string Backup => _folder + ".backup";

    public void Dispose()
    {
        foreach (var part in new[] { "", "-wal", "-shm" })
            File.Delete(Backup + part);
        TestFolder.Delete(_folder);
    }

    [Fact]
    public async Task Copies_the_database_of_a_running_server_and_puts_the_copy_back()
    {
        await CreateAsync();
        string token;
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            token = await server.LogInAsync(Email, Password);
            var (made, report) = await RunAsync("backup", Backup);
            Assert.True(made == 0, report);
            Assert.Contains("intact", report, StringComparison.Ordinal);
            AssertPrivate(Backup);
            // By its header it keeps no write-ahead journal beside it (https://www.sqlite.org/fileformat.html, 1.3.3).
            Assert.Equal(1, (await File.ReadAllBytesAsync(Backup, Ct))[18]);
            Assert.Equal(1, (await RunAsync("backup", Backup)).ExitCode);
            // After the backup: must be gone when it is put back.
            await RegisterAsync(server.Client, "late@example.com");
        }

        var (code, output) = await RunAsync("restore", Backup);
        Assert.True(code == 0, output);
        AssertPrivate(Database);
        var aside = Assert.Single(
            Directory.GetFiles(_folder, "*before-restore*"), file => !file.EndsWith("-wal", StringComparison.Ordinal));
        Assert.Equal(0, Count(Database, "late@example.com"));
        Assert.Equal(1, Count(aside, "late@example.com"));
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            // Refresh tokens from after the backup would be ahead of it: everybody logs in anew.
            Assert.Equal(HttpStatusCode.Unauthorized, await AuditStatusAsync(server.Client, token));
            await server.LogInAsync(Email, Password);
        }
    }

    [Fact]
    public async Task Restores_nothing_that_is_damaged_newer_or_not_its_own()
    {
        await CreateAsync();
        Assert.Equal(0, (await RunAsync("backup", Backup)).ExitCode);
        var before = await File.ReadAllBytesAsync(Database, Ct);

        await DatabaseTool.ExecuteAsync(
            Backup, "INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Future', '99.0.0')");
        await RefusedAsync("newer version");
        await DatabaseTool.ExecuteAsync(Backup, "PRAGMA application_id = 7");
        await RefusedAsync("no database of this program");
        File.Copy(Database, Backup, overwrite: true);
        using (var file = File.OpenWrite(Backup))
        {
            file.Position = 8192;
            file.Write(new byte[40_000]);
        }

        await RefusedAsync("damaged");
        await File.WriteAllTextAsync(Backup, "not a database at all, just text that is long enough to look at", Ct);
        await RefusedAsync("cannot be read");
        File.Delete(Backup);
        await RefusedAsync("There is no file");
        Assert.Equal(before, await File.ReadAllBytesAsync(Database, Ct));
        Assert.Empty(Directory.GetFiles(_folder, "*before-restore*"));
        Assert.Empty(Directory.GetFiles(_folder, "*.tmp"));
    }

    [Fact]
    public async Task Copies_a_database_with_references_that_lead_nowhere_and_says_so()
    {
        await CreateAsync();
        await DatabaseTool.ExecuteAsync(Database, """
            PRAGMA foreign_keys = OFF;
            INSERT INTO Sessions (Id, UserId, Counter, GraceUses, CreatedAt, LastUsedAt)
            VALUES (randomblob(16), randomblob(16), 0, 0, 0, 0)
            """);
        var (code, output) = await RunAsync("backup", Backup);
        Assert.Equal(1, code);
        Assert.Contains("points at no Users", output, StringComparison.Ordinal);
        Assert.DoesNotContain("intact", output, StringComparison.Ordinal);
        Assert.Equal(1, Count(Backup, Email));
        await RefusedAsync("points at no Users");
    }

    [Fact]
    public async Task Restores_into_a_folder_whatever_it_is_called()
    {
        await CreateAsync();
        Assert.Equal(0, (await RunAsync("backup", Backup)).ExitCode);
        var folder = Path.Combine(_folder, "it's; Mode=Memory \"x\"");
        for (var i = 0; i < 2; i++)
        {
            var (code, output) = await ServerProcess.CommandAsync(folder, "", "restore", Backup);
            Assert.True(code == 0, output);
            Assert.Equal(0, (await ServerProcess.CommandAsync(folder, "", "verify")).ExitCode);
            foreach (var aside in Directory.GetFiles(folder, "*before-restore*"))
                File.Delete(aside);
        }
    }

    [Fact]
    public async Task Says_in_a_line_why_a_copy_could_not_be_made()
    {
        await CreateAsync();
        var (code, output) = await RunAsync("backup", Path.Combine(_folder, "nowhere", "copy.db"));
        Assert.Equal(1, code);
        Assert.Contains("could not be made", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_folder_that_is_not_there_to_be_read()
    {
        TestFolder.Delete(_folder);
        foreach (var command in new[] { new[] { "verify" }, ["backup", Backup] })
        {
            var (code, output) = await RunAsync(command);
            Assert.Equal(1, code);
            Assert.Contains(_folder, output, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_folder));
    }

    static void AssertPrivate(string file)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    async Task RefusedAsync(string reason)
    {
        var (code, output) = await RunAsync("restore", Backup);
        Assert.Equal(1, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
        => ServerProcess.CommandAsync(_folder, "", arguments);

    Task<(int ExitCode, string Output)> CreateAsync()
        => ServerProcess.CommandAsync(_folder, Password, "admin", "create", "--email", Email);

    static Task RegisterAsync(HttpClient client, string email)
        => Requests.SendAsync(
                client,
                HttpMethod.Post,
                "/api/v1/auth/register",
                Requests.Json(JsonSerializer.Serialize(new { email, password = Password, name = "Late" })))
            .DataAsync(HttpStatusCode.Created);

    static async Task<HttpStatusCode> AuditStatusAsync(HttpClient client, string token)
        => (await Requests.SendAsync(
            client, HttpMethod.Get, "/api/v1/ledger/verify", null, ("Authorization", $"Bearer {token}"))).StatusCode;

    static long Count(string database, string email)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM Users WHERE Email = $email";
        command.Parameters.AddWithValue("$email", email);
        return (long)command.ExecuteScalar()!;
    }
}
