using System.Globalization;

namespace Benchmarks;

/// <summary>The memory of the API while it does nothing but transfers for some minutes.</summary>
static class Memory
{
    const int DefaultSeconds = 300;
    const int StepSeconds = 10;

    // The access tokens are made in the beginning and last 15 minutes.
    const int MostSeconds = 800;

    /// <summary>Measures it every ten seconds.</summary>
    /// <param name="run">The run.</param>
    /// <param name="length">For how many seconds; null for five minutes.</param>
    public static async Task MeasureAsync(Run run, string? length)
    {
        var seconds = length is null ? DefaultSeconds : Read(length);
        await using var server = await run.StartApiAsync(Api.AdministratorSettings);
        var api = new Api(server.Client, run.Stop);
        var people = await run.WriteLinesAsync(await People.SettleAsync(api));
        run.Report.Figure("memory of the API before the transfers (RSS)", server.Megabytes, "MB");
        var loads = new List<Load>();
        for (var done = 0; done < seconds; done += StepSeconds)
        {
            loads.Add(await Ledger.LoadAsync(run, server, people, Plan.Connections, StepSeconds));
            run.Report.Figure($"after {done + StepSeconds} s", server.Megabytes, "MB");
        }

        run.Report.Loads($"`POST /transfers`, {Plan.Connections} connections, {loads.Count * StepSeconds} s", loads);
        run.Report.CheckAnswers("transfers", 201, loads);
        run.Report.Figure("the most at any time; the goal is at most 250 MB", server.PeakMegabytes, "MB");
        run.Report.Check((await Ledger.VerifyAsync(api)).Balanced, "the books do not balance");
    }

    static int Read(string length)
        => int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= StepSeconds and <= MostSeconds
            ? seconds
            : throw new BenchmarkException($"For how many seconds? {StepSeconds} to {MostSeconds}.");
}
