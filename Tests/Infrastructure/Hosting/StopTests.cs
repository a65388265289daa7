using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SliceApi.Infrastructure.Hosting;

namespace Tests.Infrastructure.Hosting;

/// <summary>The end of the program while it has everything to do, and backups meanwhile.</summary>
[Trait("Category", "Fault")]
public sealed class StopTests : IDisposable
{
    const int Workers = 32;

    readonly string _folder = TestFolder.New();
    readonly int _seed = Random.Shared.Next();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Finishes_what_it_has_begun_and_leaves_one_whole_file()
    {
        var bank = new Bank(_folder, _seed);
        await using (var server = await ServerProcess.StartAsync(_folder, Bank.Settings))
        {
            await bank.OpenAsync(server.Client, Ct);
            var workers = Enumerable.Range(0, Workers).Select(i => bank.WorkAsync(server.Client, i, Ct)).ToList();
            await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > 1000), "1,000 transfers are tried");
            Assert.Equal(0, await server.StopAsync());
            await Task.WhenAll(workers);
            Assert.DoesNotContain("\"level\":\"Error\"", server.Output, StringComparison.Ordinal);
        }

        // Nothing left in a journal, and just what clients were told.
        var journal = new FileInfo(Path.Combine(_folder, "sliceapi.db-wal"));
        Assert.False(journal.Exists && journal.Length > 0);
        await using var again = await ServerProcess.StartAsync(_folder, Bank.Settings);
        await bank.LogInAsync(again.Client, Ct);
        await Parallel.ForEachAsync(
            bank.Journal.ToList(),
            Ct,
            async (move, ct) => await bank.SendAsync(again.Client, move.Key, move.Value, ct));
        Assert.Equal(bank.Replayed(), bank.Stored());
    }

    [Fact]
    public async Task Ends_well_when_it_is_told_to_before_it_listens()
    {
        var builder = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService<StopsAtOnce>();
        await using var app = builder.Build();
        await app.ServeAsync();
        Assert.True(app.Lifetime.ApplicationStopped.IsCancellationRequested);
    }

    [Fact]
    public async Task Goes_on_after_it_was_frozen()
    {
        var bank = new Bank(_folder, _seed);
        await using var server = await ServerProcess.StartAsync(_folder, Bank.Settings);
        await bank.OpenAsync(server.Client, Ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var workers = Enumerable.Range(0, Workers).Select(i => bank.WorkAsync(server.Client, i, end.Token)).ToList();
        for (var i = 0; i < 3; i++)
        {
            var before = bank.Journal.Count;
            server.Freeze();
            // Long enough that clients notice: nobody is answered.
            await Wait.UntilAsync(() => Task.FromResult(server.IsFrozen), "the process stands still");
            server.GoOn();
            await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > before + 200), "it works again");
        }

        await end.CancelAsync();
        await Task.WhenAll(workers);
        Assert.True((await bank.AuditAsync(server.Client, Ct)).GetProperty("balanced").GetBoolean());
    }

    [Fact]
    public async Task Is_copied_while_everybody_writes_and_the_copy_is_balanced()
    {
        var (bank, copy) = (new Bank(_folder, _seed), TestFolder.New());
        await using (var server = await ServerProcess.StartAsync(_folder, Bank.Settings))
        {
            await bank.OpenAsync(server.Client, Ct);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var workers = Enumerable.Range(0, Workers)
                .Select(i => bank.WorkAsync(server.Client, i, end.Token)).ToList();
            await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > 1000), "1,000 transfers are tried");
            Directory.CreateDirectory(copy);
            var (code, output) = await ServerProcess.CommandAsync(
                _folder, "", "backup", Path.Combine(copy, "one.backup"));
            Assert.True(code == 0, output);
            await end.CancelAsync();
            await Task.WhenAll(workers);
        }

        var (restored, report) = await ServerProcess.CommandAsync(
            copy, "", "restore", Path.Combine(copy, "one.backup"));
        Assert.True(restored == 0, report);
        (restored, report) = await ServerProcess.CommandAsync(copy, "", "verify");
        Assert.True(restored == 0, report);
        var books = new Bank(copy, 0);
        Assert.Equal(
            Bank.Accounts * Bank.Funds, books.Count("SELECT sum(BalanceMinor) FROM Accounts WHERE UserId IS NOT NULL"));
        Assert.True(books.Count("SELECT count(*) FROM Transfers") > Bank.Accounts);
        TestFolder.Delete(copy);
    }

    [Fact]
    public async Task Leaves_a_whole_backup_or_none_when_it_is_killed_meanwhile()
    {
        var target = Path.Combine(_folder + ".copies");
        Directory.CreateDirectory(target);
        await ServerProcess.CommandAsync(_folder, "", "seed");
        await GrowAsync();
        for (var round = 0; round < 5; round++)
        {
            var file = Path.Combine(target, $"{round}.db");
            await using (var backup = ServerProcess.Begin(_folder, "backup", file))
            {
                await Wait.UntilAsync(
                    () => Task.FromResult(Directory.GetFiles(target, $"{round}.db*").Length > 0), "the copy is begun");
                await backup.KillAsync();
            }

            if (!File.Exists(file))
                continue;
            Assert.Equal("ok", Text(file, "PRAGMA integrity_check"));
            // An empty file is whole, too, to SQLite.
            Assert.Equal("50000", Text(file, "SELECT count(*) || '' FROM AuditEntries WHERE EventId > 1000000"));
        }

        Assert.Equal(0, (await ServerProcess.CommandAsync(_folder, "", "verify")).ExitCode);
        Directory.Delete(target, recursive: true);
    }

    [Theory]
    [InlineData("backup", "SIGINT")]
    [InlineData("backup", "SIGHUP")]
    [InlineData("restore", "SIGTERM")]
    public async Task Leaves_nothing_of_a_copy_that_it_is_told_to_stop(string command, string signal)
    {
        var file = Path.Combine(_folder, "copy");
        await ServerProcess.CommandAsync(_folder, "", "seed");
        await GrowAsync();
        if (command == "restore")
            await ServerProcess.CommandAsync(_folder, "", "backup", file);
        var before = Files();
        // While it writes the hundredth of many pages.
        string[] starter =
        [
            Programs.Require("strace"), "-f", "-o", "/dev/null",
            "-e", "trace=pwrite64", "-e", $"inject=pwrite64:signal={signal}:when=100",
        ];
        var (code, output) = await ServerProcess.CommandByAsync(starter, _folder, command, file);
        Assert.Equal(1, code);
        Assert.Contains("Stopped before it was done", output, StringComparison.Ordinal);
        Assert.Equal(before, Files());

        // Without the database's own journal.
        string[] Files() => [.. Directory.GetFiles(_folder).Where(file => !file.Contains(".db-")).Order()];
    }

    // Large enough that copying takes a moment.
    Task GrowAsync()
        => DatabaseTool.ExecuteAsync(Path.Combine(_folder, "sliceapi.db"), """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
            INSERT INTO AuditEntries (EventId, Action, Entity, At)
            SELECT i + 1000000, hex(randomblob(300)), randomblob(16), 0 FROM n
            """);

    static string Text(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }

    sealed class StopsAtOnce(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
