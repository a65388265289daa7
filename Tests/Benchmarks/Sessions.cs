using System.Diagnostics;
using Isopoh.Cryptography.Argon2;

namespace Benchmarks;

/// <summary>
/// Exchanging refresh tokens, a chain on each connection, and logging in at the default cost of a password.
/// </summary>
static class Sessions
{
    const int Chains = 16;
    const int People = 50;
    const int HashesPerCore = 60;

    /// <summary>Measures both.</summary>
    public static async Task MeasureAsync(Run run)
    {
        await using var api = await run.StartApiAsync();
        var client = new Api(api.Client, run.Stop);
        var emails = await client.RegisterAsync(People);
        await RefreshAsync(run, api, client, emails);
        await LogInAsync(run, api, emails);
    }

    static async Task RefreshAsync(Run run, Server api, Api client, string[] emails)
    {
        var loads = new List<Load>();
        await RoundAsync(Plan.WarmUpSeconds);
        for (var i = 0; i < Plan.Rounds; i++)
            loads.Add(await RoundAsync(Plan.Seconds));
        var what = $"`POST /auth/refresh`, {Chains} connections, each a session's chain";
        run.Report.Loads(what, loads);
        run.Report.CheckAnswers(what, 200, loads);

        async Task<Load> RoundAsync(int seconds)
        {
            var tokens = new List<string>();
            foreach (var email in emails.Take(Chains))
                tokens.Add((await client.LogInAsync(email)).Refresh);
            var file = await run.WriteLinesAsync(tokens);
            return await run.Wrk.RunAsync(
                new Uri(api.Url, $"{Api.Root}/auth/refresh"),
                Chains,
                seconds,
                "refresh",
                threads: Chains,
                arguments: file);
        }
    }

    static async Task LogInAsync(Run run, Server api, string[] emails)
    {
        var connections = 4 * Environment.ProcessorCount;
        var file = await run.WriteLinesAsync(emails);
        var logins = new List<Load>();
        var hashes = new List<double>();
        await RoundAsync(Plan.WarmUpSeconds);
        for (var i = 0; i < Plan.Rounds; i++)
        {
            logins.Add(await RoundAsync(Plan.Seconds));
            hashes.Add(HashesPerSecond());
        }

        var what = $"`POST /auth/login`, {connections} connections";
        run.Report.Loads(what, logins);
        run.Report.CheckAnswers(what, 200, logins);
        run.Report.Figure(
            "Argon2id hashes at the default cost, all cores and nothing else", hashes.Median(), "per second");
        run.Report.Ratio(
            "logins/s to the Argon2id hashes/s of the same cores",
            logins.Zip(hashes, (load, rate) => load.Rate / rate).Median());

        Task<Load> RoundAsync(int seconds)
        {
            var url = new Uri(api.Url, $"{Api.Root}/auth/login");
            return run.Wrk.RunAsync(url, connections, seconds, "login", arguments: [file, Api.Password]);
        }
    }

    // What a login cannot do without: its hash, here with nothing around it.
    static double HashesPerSecond()
    {
        var cores = Environment.ProcessorCount;
        var hash = PasswordHashing.Hash(Api.Password);
        var start = Stopwatch.GetTimestamp();
        Parallel.For(0, cores, new ParallelOptions { MaxDegreeOfParallelism = cores }, _ =>
        {
            for (var i = 0; i < HashesPerCore; i++)
                Argon2.Verify(hash, Api.Password);
        });
        return cores * HashesPerCore / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
