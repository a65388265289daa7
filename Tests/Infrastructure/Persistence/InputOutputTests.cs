namespace Tests.Infrastructure.Persistence;

/// <summary>A disk that does not take what it is given, now and then: strace makes system calls fail.</summary>
[Trait("Category", "Fault")]
public sealed class InputOutputTests : IDisposable
{
    const int Workers = 16;

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task What_was_answered_is_there_and_nothing_is_there_twice_after_writes_and_syncs_that_failed()
    {
        var bank = new Bank(_folder, Random.Shared.Next());
        await using (var server = await ServerProcess.StartAsync(_folder, Bank.Settings))
        {
            await bank.OpenAsync(server.Client, Ct);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var workers = Enumerable.Range(0, Workers)
                .Select(i => bank.WorkAsync(server.Client, i, end.Token)).ToList();
            await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > 1000), "1,000 transfers are tried");
            await using (var tracer = await Tracer.AttachAsync(
                server, "-P", $"{_folder}/sliceapi.db", "-P", $"{_folder}/sliceapi.db-wal",
                "-e", "trace=pwrite64,fsync,fdatasync",
                "-e", "inject=pwrite64:error=EIO:when=100+300", "-e", "inject=fsync,fdatasync:error=EIO:when=5+29"))
            {
                foreach (var call in new[] { "sync(", "pwrite64(" })
                    await Wait.UntilAsync(() => tracer.HasSeenAsync(call, "(INJECTED)"), $"{call} has failed");
                await tracer.DetachAsync();
            }

            // And of a checkpoint, which alone writes to the database itself. While nothing fails, one is soon due.
            await using (var tracer = await Tracer.AttachAsync(
                server, "-P", $"{_folder}/sliceapi.db",
                "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EIO:when=3+50"))
            {
                await Wait.UntilAsync(() => tracer.HasSeenAsync("pwrite64(", "(INJECTED)"), "a checkpoint has failed");
                await tracer.DetachAsync();
            }

            Assert.Contains("disk I/O error", server.Output, StringComparison.Ordinal);
            // Without a restart everything works again.
            var then = bank.Journal.Count;
            await Wait.UntilAsync(
                () => Task.FromResult(bank.Journal.Count > then + 200), "200 more transfers are tried");
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/ready", Ct)).StatusCode);
            await server.KillAsync();
            await end.CancelAsync();
            await Task.WhenAll(workers);
        }

        await using var again = await ServerProcess.StartAsync(_folder, Bank.Settings);
        await bank.LogInAsync(again.Client, Ct);
        await Parallel.ForEachAsync(
            bank.Journal.ToList(),
            Ct,
            async (move, ct) => await bank.SendAsync(again.Client, move.Key, move.Value, ct));
        Assert.Equal(bank.Replayed(), bank.Stored());
        Assert.True((await bank.AuditAsync(again.Client, Ct)).GetProperty("balanced").GetBoolean());
        Assert.Equal("ok", bank.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task What_was_refused_because_the_disk_did_not_confirm_it_does_not_come_back_with_the_next_start()
    {
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            await RegisterAsync(server, "ada@example.com").DataAsync(HttpStatusCode.Created);
            await using var tracer = await Tracer.AttachAsync(
                server, "-P", $"{_folder}/sliceapi.db-wal",
                "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO");
            await RegisterAsync(server, "late@example.com").ErrorAsync(HttpStatusCode.ServiceUnavailable, "OVERLOADED");
            var ready = await server.Client.GetAsync("/health/ready", Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            await RegisterAsync(server, "later@example.com")
                .ErrorAsync(HttpStatusCode.ServiceUnavailable, "OVERLOADED");
            await server.KillAsync();
        }

        await using var again = await ServerProcess.StartAsync(_folder);
        Assert.Equal("ada@example.com", new Bank(_folder, 0).Text("SELECT group_concat(Email) FROM Users"));
        await RegisterAsync(again, "late@example.com").DataAsync(HttpStatusCode.Created);
    }

    static Task<HttpResponseMessage> RegisterAsync(ServerProcess server, string email)
        => Requests.SendAsync(
            server.Client,
            HttpMethod.Post,
            "/api/v1/auth/register",
            Requests.Json($$"""{"email":"{{email}}","password":"a fine password","name":"Ada"}"""));
}
