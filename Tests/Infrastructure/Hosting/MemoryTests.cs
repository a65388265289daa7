namespace Tests.Infrastructure.Hosting;

/// <summary>A server that has far too little memory for what is sent to it.</summary>
[Trait("Category", "Fault")]
public sealed class MemoryTests : IDisposable
{
    const int Workers = 8;
    const int Greedy = 64;

    // In bytes, hexadecimal: what the server needs, and a few large bodies.
    const string Heap = "1800000";

    readonly string _folder = TestFolder.New();
    int _failed;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Whatever_was_answered_is_there_when_memory_has_run_out()
    {
        var bank = new Bank(_folder, Random.Shared.Next(), mayFail: true);
        var little = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = Heap };
        await using (var server = await ServerProcess.StartAsync(_folder, little, Bank.Settings))
        {
            await bank.OpenAsync(server.Client, Ct);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var workers = Enumerable.Range(0, Workers)
                .Select(i => bank.WorkAsync(server.Client, i, end.Token)).ToList();
            await Wait.UntilAsync(() => Task.FromResult(bank.Journal.Count > 100), "100 transfers are tried");
            workers.AddRange(Enumerable.Range(0, Greedy).Select(_ => FillAsync(server, end.Token)));
            // It goes on, with 500 and broken connections, or has ended by itself.
            await Wait.UntilAsync(
                () => Task.FromResult(server.HasEnded || Volatile.Read(ref _failed) > Greedy), "memory runs out");
            await server.KillAsync();
            await end.CancelAsync();
            await Task.WhenAll(workers);
            var said = server.Output.Replace(" ", "", StringComparison.Ordinal);
            Assert.Contains("OutOfMemory", said, StringComparison.OrdinalIgnoreCase);
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

    async Task FillAsync(ServerProcess server, CancellationToken ct)
    {
        var body = $"{{\"email\":\"{new string('a', 900_000)}\"}}";
        while (!ct.IsCancellationRequested && !server.HasEnded)
        {
            try
            {
                using var response = await server.Client.PostAsync("/api/v1/auth/login", Requests.Json(body), ct);
                if ((int)response.StatusCode >= 500)
                    Interlocked.Increment(ref _failed);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                Interlocked.Increment(ref _failed);
            }
        }
    }
}
