using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Tests.Infrastructure.Hosting;

/// <summary>A disk that is full, cannot be written, or gives back something else than was written.</summary>
[Trait("Category", "Fault")]
public sealed class DiskTests : IDisposable
{
    const int Workers = 16;

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Run("umount", _folder);
        TestFolder.Delete(_folder);
    }

    [Fact]
    public async Task A_full_disk_stops_writes_alone_and_nothing_that_was_refused_is_there_later()
    {
        Mount("size=24m");
        var bank = new Bank(_folder, Random.Shared.Next());
        await using var server = await ServerProcess.StartAsync(_folder, Bank.Settings);
        await bank.OpenAsync(server.Client, Ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var workers = Enumerable.Range(0, Workers).Select(i => bank.WorkAsync(server.Client, i, end.Token)).ToList();
        await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > 200), "200 transfers are tried");

        var filler = Path.Combine(_folder, "filler");
        Fill(filler);
        await Wait.UntilAsync(
            async ()
                => (await server.Client.GetAsync("/health/ready", Ct)).StatusCode == HttpStatusCode.ServiceUnavailable,
            "the server is not ready");
        // Reading goes on.
        Assert.True((await bank.AuditAsync(server.Client, Ct)).GetProperty("balanced").GetBoolean());
        var refused = await Requests.SendAsync(
            server.Client, HttpMethod.Post, "/api/v1/auth/register",
            Requests.Json("""{"email":"late@example.com","password":"a fine password","name":"Late"}"""));
        var error = await refused.ErrorAsync(HttpStatusCode.ServiceUnavailable, "OVERLOADED");
        Assert.True(error.GetProperty("retryable").GetBoolean());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/live", Ct)).StatusCode);
        Assert.Equal(0, bank.Count("SELECT count(*) FROM Users WHERE Email = 'late@example.com'"));

        // And without a restart everything works again.
        File.Delete(filler);
        await Wait.UntilAsync(
            async () => (await server.Client.GetAsync("/health/ready", Ct)).IsSuccessStatusCode,
            "the server is ready again");
        var before = bank.Journal.Count;
        await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > before + 200), "200 more transfers are tried");
        await end.CancelAsync();
        await Task.WhenAll(workers);
        await Parallel.ForEachAsync(
            bank.Journal.ToList(),
            Ct,
            async (move, ct) => await bank.SendAsync(server.Client, move.Key, move.Value, ct));
        Assert.Equal(bank.Replayed(), bank.Stored());
        Assert.Equal("ok", bank.Text("PRAGMA integrity_check"));
        // One line for each batch that failed would fill the next disk.
        Assert.InRange(server.Output.Split("\"level\":\"Error\"").Length - 1, 1, 20);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named_at_the_start()
    {
        Mount("size=1m,ro");
        var (code, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, code);
        Assert.Contains(_folder, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_damaged_is_refused_with_what_to_do()
    {
        Assert.Equal(0, (await ServerProcess.CommandAsync(_folder, "", "seed")).ExitCode);
        var file = Path.Combine(_folder, "sliceapi.db");
        using (var damaged = File.OpenWrite(file))
        {
            damaged.Position = 3 * 4096;
            damaged.Write(new byte[20 * 4096]);
        }

        var (code, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, code);
        Assert.Contains("restore", output, StringComparison.Ordinal);
        (code, output) = await ServerProcess.CommandAsync(_folder, "", "verify");
        Assert.Equal(1, code);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        Directory.CreateDirectory(_folder);
        var file = Path.Combine(_folder, "sliceapi.db");
        await using (var other = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await other.OpenAsync(Ct);
            await using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE Notes (Text TEXT); PRAGMA application_id = 99";
            await command.ExecuteNonQueryAsync(Ct);
        }

        var (code, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, code);
        Assert.Contains("another program", output, StringComparison.Ordinal);
        Assert.Equal("Notes", new Bank(_folder, 0).Text("SELECT group_concat(name) FROM sqlite_master"));
    }

    // All that is left, down to the last byte.
    static void Fill(string file)
    {
        using var filler = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 1 << 20, 1 << 12, 1 })
        {
            try
            {
                while (true)
                    filler.Write(new byte[size]);
            }
            catch (IOException)
            {
                // Full, for pieces of this size.
            }
        }
    }

    void Mount(string options)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess,
            "A small file system of its own can be mounted by root only.");
        Directory.CreateDirectory(_folder);
        Assert.Equal(0, Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", _folder));
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
