using System.Diagnostics;

namespace Benchmarks;

/// <summary>
/// The first page of a statement of a million entries and one that is 900,000 entries further back: a page should cost
/// the same at any depth.
/// </summary>
static class Pages
{
    const int PageSize = 100;
    const int Depth = 900_000;
    const int Reads = 1000;

    /// <summary>Measures both in turn.</summary>
    public static async Task MeasureAsync(Run run)
    {
        var folder = run.NewFolder();
        var (email, account) = await OpenAsync(run, folder);
        Run.Tell("writing a million entries");
        LongStatement.Write(folder, Guid.Parse(account), run.Stop);

        await using var server = await run.StartApiOnAsync(folder, Api.AdministratorSettings);
        var api = new Api(server.Client, run.Stop);
        var token = (await api.LogInAsync(email)).Access;
        var path = $"/accounts/{account}/entries?limit={PageSize}";

        Run.Tell($"walking {Depth} entries back, page by page");
        var start = Stopwatch.GetTimestamp();
        var cursor = "";
        for (var i = 0; i < Depth; i += PageSize)
            cursor = $"&cursor={await ReadAsync(LongStatement.Entries - i, cursor)}";
        var walk = Stopwatch.GetElapsedTime(start).TotalSeconds;
        run.Report.Figure($"walking {Depth:N0} entries back by cursor, {PageSize} a page", walk, "s");

        var first = new List<double>();
        var deep = new List<double>();
        for (var i = 0; i < Reads; i++)
        {
            first.Add(await TimeAsync(() => ReadAsync(LongStatement.Entries, "")));
            deep.Add(await TimeAsync(() => ReadAsync(LongStatement.Entries - Depth, cursor)));
        }

        run.Report.Figure($"first page of {PageSize} entries, median of {Reads}", first.Median(), "ms");
        run.Report.Figure($"the page {Depth:N0} entries back, median of {Reads}", deep.Median(), "ms");
        run.Report.Ratio(
            $"time of the page {Depth:N0} entries back to the first", deep.Median() / first.Median(), "at most 1.15");
        var (balanced, transfers) = await Ledger.VerifyAsync(api);
        run.Report.Check(balanced && transfers == LongStatement.Entries, "the long statement's books do not balance");

        // A page whose newest entry has this number; gives the cursor of the next one.
        async Task<string?> ReadAsync(long newest, string query)
        {
            var (page, meta) = await api.GetListAsync(path + query, token);
            var balance = page[0].GetProperty("balanceAfterMinor").GetInt64();
            if (page.GetArrayLength() != PageSize || balance != LongStatement.BalanceAfter(newest))
                throw new BenchmarkException($"The page from entry {newest} on is wrong: {page}");
            return meta.GetProperty("pagination").GetProperty("nextCursor").GetString();
        }
    }

    static async Task<(string Email, string Account)> OpenAsync(Run run, string folder)
    {
        await using var server = await run.StartApiOnAsync(folder, Api.AdministratorSettings);
        var api = new Api(server.Client, run.Stop);
        var email = await api.RegisterAsync();
        var token = (await api.LogInAsync(email)).Access;
        var administrator = (await api.LogInAsync(Api.Administrator)).Access;
        return (email, await People.AccountAsync(api, token, administrator, LongStatement.OpeningMinor));
    }

    static async Task<double> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
