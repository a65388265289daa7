namespace Tests.Features.Transfers;

/// <summary>Money under everything at once: the real program, many clients, readers, a kill in the middle.</summary>
[Trait("Category", "Fault")]
public sealed class BankTests : IDisposable
{
    const int Workers = 64;
    const int Rounds = 3;

    static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    readonly string _folder = TestFolder.New();
    readonly int _seed = Random.Shared.Next();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task No_money_is_made_or_lost_whoever_looks_meanwhile()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {_seed}");
        var bank = new Bank(_folder, _seed);
        await using var server = await ServerProcess.StartAsync(_folder, Bank.Settings);
        await bank.OpenAsync(server.Client, Ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        end.CancelAfter(Time);
        Task<int>[] readers =
            [LookAsync(bank, end.Token), AuditAsync(bank, server, end.Token), ReadAsync(bank, server, end.Token)];
        // The last request of each worker is finished: its answer counts.
        await Task.WhenAll(Enumerable.Range(0, Workers)
            .Select(i => Task.Run(() => bank.WorkAsync(server.Client, i, end.Token), Ct)));
        var looks = await Task.WhenAll(readers);

        Assert.All(looks, count => Assert.True(count > 0));
        await SettleAsync(bank, server.Client);
        var done = bank.Journal.Values.Count(t => t.Status == HttpStatusCode.Created);
        Assert.True(done > 0);
        Assert.Equal(bank.Replayed(), bank.Stored());
        Assert.Equal(done + Bank.Accounts, bank.Count("SELECT count(*) FROM Transfers"));
        Assert.Equal(2 * (done + Bank.Accounts), bank.Count("SELECT count(*) FROM LedgerEntries"));
        Assert.True((await bank.AuditAsync(server.Client, Ct)).GetProperty("balanced").GetBoolean());
        Assert.DoesNotContain("\"level\":\"Error\"", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_acknowledged_transfer_is_there_once_after_each_kill()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {_seed}");
        var bank = new Bank(_folder, _seed);
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.StartAsync(_folder, Bank.Settings);
            if (round == 0)
                await bank.OpenAsync(server.Client, Ct);
            else
                await bank.LogInAsync(server.Client, Ct);
            var before = bank.Journal.Count;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var workers = Enumerable.Range(round * Workers, Workers)
                .Select(i => bank.WorkAsync(server.Client, i, end.Token)).ToList();
            await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count >= before + 3000), "3,000 more are tried");
            await server.KillAsync();
            await end.CancelAsync();
            await Task.WhenAll(workers);
            Assert.Equal("ok", bank.Text("PRAGMA integrity_check"));
            Assert.Null(bank.Text("PRAGMA foreign_key_check"));
        }

        await using var last = await ServerProcess.StartAsync(_folder, Bank.Settings);
        await bank.LogInAsync(last.Client, Ct);
        Assert.True((await bank.AuditAsync(last.Client, Ct)).GetProperty("balanced").GetBoolean());
        // Sent again, all of it: what was done is answered as it was (the journal compares), what was not is done now.
        await SettleAsync(bank, last.Client, everything: true);
        Assert.Equal(bank.Replayed(), bank.Stored());
        Assert.True((await bank.AuditAsync(last.Client, Ct)).GetProperty("balanced").GetBoolean());
        await Wait.UntilAsync(
            () => Task.FromResult(bank.Count("SELECT count(*) FROM Outbox") == 0), "every event is delivered");
    }

    // Whoever did not hear an answer asks again.
    static Task SettleAsync(Bank bank, HttpClient client, bool everything = false)
        => Parallel.ForEachAsync(
            bank.Journal.Where(t => everything || t.Value.Status is null).ToList(),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Ct },
            async (move, ct) => await bank.SendAsync(client, move.Key, move.Value, ct));

    // The file itself, one snapshot for each sum.
    static Task<int> LookAsync(Bank bank, CancellationToken end)
        => UntilAsync(
            () => Task.Run(
                () =>
                {
                    Assert.Equal(
                        Bank.Accounts * Bank.Funds,
                        bank.Count("SELECT sum(BalanceMinor) FROM Accounts WHERE UserId IS NOT NULL"));
                    Assert.Equal(0, bank.Count("SELECT sum(BalanceMinor) FROM Accounts"));
                    Assert.Equal(
                        0, bank.Count("SELECT count(*) FROM Accounts WHERE BalanceMinor < 0 AND UserId IS NOT NULL"));
                },
                CancellationToken.None),
            end);

    static Task<int> AuditAsync(Bank bank, ServerProcess server, CancellationToken end)
        => UntilAsync(
            async () =>
            {
                var audit = await bank.AuditAsync(server.Client, end);
                Assert.True(audit.GetProperty("balanced").GetBoolean(), audit.ToString());
            },
            end);

    static Task<int> ReadAsync(Bank bank, ServerProcess server, CancellationToken end)
    {
        var random = new Random(1);
        return UntilAsync(
            async () =>
            {
                var page = await bank.StatementAsync(server.Client, random, end);
                for (var i = 0; i + 1 < page.Count; i++)
                    Assert.Equal(page[i + 1].Balance + page[i].Amount, page[i].Balance);
            },
            end);
    }

    static async Task<int> UntilAsync(Func<Task> look, CancellationToken end)
    {
        var looks = 0;
        try
        {
            for (; !end.IsCancellationRequested; looks++)
                await look();
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time is up.
        }

        return looks;
    }
}
