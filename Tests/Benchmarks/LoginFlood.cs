using System.Net;

namespace Benchmarks;

/// <summary>
/// What everybody else notices of 200 clients that log in all at once: the times of a few readers at a moderate rate,
/// without and with the flood, and the memory that the flood takes.
/// </summary>
static class LoginFlood
{
    const int Readers = 4;
    const int Clients = 200;
    const int People = 50;
    static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(1);

    /// <summary>Measures two floods: one that waits when it is told to, one that does not.</summary>
    public static async Task MeasureAsync(Run run)
    {
        await using var api = await run.StartApiAsync();
        var client = new Api(api.Client, run.Stop);
        var emails = await client.RegisterAsync(People);
        var file = await run.WriteLinesAsync(emails);
        var token = (await client.LogInAsync(emails[0])).Access;

        await MeasureAsync(run, api, token, "waits after a 503", (_, end) => PatientAsync(run, client, emails, end));
        await MeasureAsync(run, api, token, "never waits, wrong passwords", async (seconds, _) =>
        {
            var url = new Uri(api.Url, $"{Api.Root}/auth/login");
            var load = await run.Wrk.RunAsync(url, Clients, seconds, "login", arguments: [file, Api.WrongPassword]);
            return load.Statuses;
        });
    }

    static async Task MeasureAsync(
        Run run,
        Server api,
        string token,
        string how,
        Func<int, CancellationToken, Task<IReadOnlyDictionary<int, long>>> flood)
    {
        var quiet = new List<Load>();
        var flooded = new List<Load>();
        var answers = new Dictionary<int, long>();
        await ReadAsync(Plan.WarmUpSeconds);
        var before = api.Megabytes;
        var most = before;
        for (var i = 0; i < Plan.Rounds; i++)
        {
            quiet.Add(await ReadAsync(2 * Plan.Seconds));
            // Longer than it is looked at: it begins before and ends after.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(run.Stop);
            var flooding = flood(2 * Plan.Seconds + 4, end.Token);
            try
            {
                await Task.Delay(SettleTime, run.Stop);
                var sampling = SampleAsync(end.Token);
                flooded.Add(await ReadAsync(2 * Plan.Seconds));
                await end.CancelAsync();
                most = Math.Max(most, await sampling);
            }
            finally
            {
                // Whatever happens: nothing of a flood may go on.
                await end.CancelAsync();
                foreach (var (status, count) in await flooding)
                    answers[status] = answers.GetValueOrDefault(status) + count;
            }

            await Task.Delay(SettleTime, run.Stop);
        }

        var p99 = flooded.Zip(quiet, (with, without) => with.P99 / without.P99).Median();
        run.Report.Loads($"`GET /users/me`, {Readers} connections with pauses, quiet", quiet);
        run.Report.Loads($"the same beside {Clients} clients logging in, a flood that {how}", flooded);
        run.Report.CheckAnswers("GET /users/me beside logins", quiet.Concat(flooded));
        run.Report.Check(
            answers.Keys.All(status => status is 200 or 401 or 503),
            $"logins were answered {string.Join(", ", answers.Keys)}");
        foreach (var (status, count) in answers.OrderBy(answer => answer.Key))
            run.Report.Figure($"logins of the flood that {how}, answered {status}", count, "");
        run.Report.Figure($"memory that the flood that {how} adds (RSS)", most - before, "MB");
        run.Report.Ratio($"p99 of `GET /users/me` beside a flood that {how}, to quiet", p99, "at most 3");

        Task<Load> ReadAsync(int seconds)
            => run.Wrk.RunAsync(new Uri(api.Url, $"{Api.Root}/users/me"), Readers, seconds, "paced", token);

        async Task<double> SampleAsync(CancellationToken end)
        {
            var highest = 0.0;
            while (!end.IsCancellationRequested)
            {
                highest = Math.Max(highest, api.Megabytes);
                await Task.Delay(SampleEvery, CancellationToken.None);
            }

            return highest;
        }
    }

    // Each client logs in again and again; turned away, it waits as long as the answer says.
    static async Task<IReadOnlyDictionary<int, long>> PatientAsync(
        Run run, Api client, string[] emails, CancellationToken end)
    {
        var answers = new int[1000];
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            while (!end.IsCancellationRequested)
            {
                using var answer = await client.TryLogInAsync(emails[number % emails.Length], right: true);
                Interlocked.Increment(ref answers[(int)answer.StatusCode]);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                    await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value, run.Stop);
            }
        }));
        return answers.Index().Where(answer => answer.Item > 0).ToDictionary(a => a.Index, a => (long)a.Item);
    }
}
