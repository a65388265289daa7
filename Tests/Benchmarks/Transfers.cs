namespace Benchmarks;

/// <summary>
/// Transfers between a hundred accounts, each durable before it is answered, beside the textbook design on the same
/// database engine: with the waiting for locks that the provider brings, and with SQLite's own.
/// </summary>
static class Transfers
{
    const int BusyTimeout = 5000;
    static readonly int[] Connections = [1, 16, 64];

    /// <summary>Measures all three at each number of connections, and checks the books of all three.</summary>
    public static async Task MeasureAsync(Run run)
    {
        var folder = run.NewFolder();
        await using var server = await run.StartApiOnAsync(folder, Api.AdministratorSettings);
        var api = new Api(server.Client, run.Stop);
        var people = await People.SettleAsync(api);
        var (plain, patient) = (run.NewFolder(), run.NewFolder());
        await using var first = await StartTextbookAsync(run, plain, 0);
        await using var second = await StartTextbookAsync(run, patient, BusyTimeout);
        Side[] sides =
        [
            new("`POST /transfers`", server, await run.WriteLinesAsync(people)),
            new("textbook", first, TextbookBooks.PeopleIn(plain)),
            new("textbook, `busy_timeout` set", second, TextbookBooks.PeopleIn(patient)),
        ];

        foreach (var side in sides)
            await side.LoadAsync(run, Connections.Max(), Plan.WarmUpSeconds);
        foreach (var connections in Connections)
            await MeasureAsync(run, sides, connections);

        await sides[0].LoadAsync(run, Connections.Max(), Plan.Seconds);
        var events = Ledger.Events(folder);
        run.Report.Figure($"events not delivered yet after {Plan.Seconds} s of transfers", events.Waiting, "");
        run.Report.Figure("memory of the API after the transfers (RSS)", server.Megabytes, "MB");
        run.Report.Figure("its highest since the start", server.PeakMegabytes, "MB");
        var ledger = await Ledger.VerifyAsync(api);
        sides[0].Check(run, ledger.Balanced, ledger.Transfers - People.Count * People.AccountsEach);
        events = Ledger.Events(folder);
        run.Report.Check(
            events.Published >= ledger.Transfers,
            $"{events.Published} events were published for {ledger.Transfers} transfers");
        foreach (var (side, books) in sides[1..].Zip([plain, patient]))
        {
            var (balanced, transfers) = TextbookBooks.Verify(books);
            side.Check(run, balanced, transfers);
        }
    }

    static async Task MeasureAsync(Run run, Side[] sides, int connections)
    {
        var loads = sides.Select(_ => new List<Load>()).ToArray();
        for (var i = 0; i < Plan.Rounds; i++)
        {
            foreach (var (side, of) in sides.Zip(loads))
                of.Add(await side.LoadAsync(run, connections, Plan.Seconds));
        }

        foreach (var (side, of) in sides.Zip(loads))
        {
            var what = $"{side.Name}, {Count(connections)}";
            run.Report.Loads(what, of);
            run.Report.CheckAnswers(what, 201, of);
        }

        foreach (var (side, of) in sides[1..].Zip(loads[1..]))
        {
            run.Report.Ratio(
                $"transfers/s of the API to the {side.Name}, {Count(connections)}",
                loads[0].Zip(of, (ours, theirs) => ours.Rate / theirs.Rate).Median());
        }
    }

    static string Count(int connections) => connections == 1 ? "1 connection" : $"{connections} connections";

    static Task<Server> StartTextbookAsync(Run run, string folder, int busyTimeout)
    {
        Directory.CreateDirectory(folder);
        return run.StartOwnAsync(Servers.Textbook, folder, FormattableString.Invariant($"{busyTimeout}"));
    }

    sealed record Side(string Name, Server Server, string PeopleFile)
    {
        long _answered;
        long _underWay;

        public async Task<Load> LoadAsync(Run run, int connections, int seconds)
        {
            var load = await Ledger.LoadAsync(run, Server, PeopleFile, connections, seconds);
            _answered += load.Statuses.GetValueOrDefault(201);
            // Those that wrk did not wait for in the end.
            _underWay += connections;
            return load;
        }

        public void Check(Run run, bool balanced, long transfers)
        {
            run.Report.Check(balanced, $"{Name}: the books do not balance");
            run.Report.Check(
                transfers >= _answered && transfers <= _answered + _underWay,
                $"{Name}: {_answered} transfers were answered 201, and {transfers} are in the books");
        }
    }
}
