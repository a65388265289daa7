using System.Net.Http.Headers;

namespace Benchmarks;

/// <summary>A cached read, signed in, beside a bare Kestrel handler that writes the same bytes.</summary>
static class Reads
{
    const string Me = Api.Root + "/users/me";

    /// <summary>Measures it.</summary>
    public static async Task MeasureAsync(Run run)
    {
        await using var api = await run.StartApiAsync();
        run.Report.Figure("memory of the API after its start (RSS)", api.Megabytes, "MB");
        var client = new Api(api.Client, run.Stop);
        var token = (await client.LogInAsync(await client.RegisterAsync())).Access;

        using var request = new HttpRequestMessage(HttpMethod.Get, Me);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await api.Client.SendAsync(request, run.Stop);
        answer.EnsureSuccessStatusCode();
        var path = run.NewFolder() + ".http";
        await BareServer.SaveAsync(answer, path, run.Stop);
        await using var bare = await run.StartOwnAsync(Servers.Bare, path);
        using var same = await bare.Client.GetAsync("/", run.Stop);
        run.Report.Check(
            await same.Content.ReadAsStringAsync(run.Stop) == await answer.Content.ReadAsStringAsync(run.Stop),
            "the bare handler writes something else");

        var reads = new List<Load>();
        var writes = new List<Load>();
        await GetAsync(api, Plan.WarmUpSeconds);
        await GetAsync(bare, Plan.WarmUpSeconds);
        for (var i = 0; i < Plan.Rounds; i++)
        {
            reads.Add(await GetAsync(api, Plan.Seconds));
            writes.Add(await GetAsync(bare, Plan.Seconds));
        }

        run.Report.Loads("`GET /users/me`, cached", reads);
        run.Report.Loads("bare Kestrel handler, same bytes", writes);
        run.Report.CheckAnswers("GET /users/me", reads.Concat(writes));
        run.Report.Ratio(
            "answers/s of a cached `GET /users/me` to a bare Kestrel handler's",
            reads.Zip(writes, (read, write) => read.Rate / write.Rate).Median());

        Task<Load> GetAsync(Server server, int seconds)
            => run.Wrk.RunAsync(new Uri(server.Url, Me), Plan.Connections, seconds, token: token);
    }
}
